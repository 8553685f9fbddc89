import { Table, type TableProps } from '@mantine/core'
import type { ReactNode } from 'react'

/** A table that scrolls inside itself where it is wider than the page, by keyboard too. */
export function WideTable({
  label,
  minWidth,
  maxWidth,
  children,
  ...table
}: TableProps & { label: string; minWidth: number; maxWidth?: number; children: ReactNode }) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      {...(maxWidth === undefined ? {} : { maw: maxWidth })}
    >
      <Table aria-label={label} {...table}>
        {children}
      </Table>
    </Table.ScrollContainer>
  )
}
