import { Group, Text } from '@mantine/core'
import { IconPaperclip } from '@tabler/icons-react'
import type { Attachment } from '../../src/api/record-schemas.ts'
import type { Page } from '../queries.ts'
import { formatSize } from './amounts.ts'
import { Panel, useRecord } from './record-page.tsx'

/** The names and sizes of what is attached; each opens in Salesforce, where the file itself is. */
export function AttachmentsPanel({ path }: { path: string }) {
  const { data } = useRecord<Page<Attachment>>(path)
  if (!data || data.items.length === 0) return null
  return (
    <Panel title="Attachments" count={data.nextCursor === null ? data.items.length : `first ${data.items.length}`}>
      {data.items.map((attachment) => (
        <Group key={attachment.id} gap={6} wrap="nowrap" align="baseline">
          <IconPaperclip size={14} aria-hidden style={{ flexShrink: 0, alignSelf: 'center' }} />
          <Text style={{ overflowWrap: 'anywhere', flex: 1 }}>
            {attachment.remoteUrl ? (
              <a href={attachment.remoteUrl} target="_blank" rel="noopener noreferrer">
                {nameOf(attachment)}
              </a>
            ) : (
              nameOf(attachment)
            )}
          </Text>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {formatSize(attachment.sizeBytes)}
          </Text>
        </Group>
      ))}
    </Panel>
  )
}

/** Salesforce's title of a file often lacks its ending. */
function nameOf({ name, extension }: Attachment): string {
  if (!name) return 'File without a name'
  return extension && !name.toLowerCase().endsWith(`.${extension.toLowerCase()}`) ? `${name}.${extension}` : name
}
