import { Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Mark } from '../shell/brand.tsx'

/** The frame of pages for someone who isn't signed in yet: one small sheet in the middle. */
export function GuestPage({ title, intro, children }: { title: string; intro?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Loopline`
  }, [title])
  return (
    <main style={{ minHeight: '100vh', display: 'grid', placeItems: 'center', padding: 16 }}>
      <Paper w="100%" maw={400} p="xl">
        <Stack gap="md">
          <Mark size={36} />
          <div>
            <Title order={1}>{title}</Title>
            {intro && (
              <Text c="dimmed" mt={4} component="div">
                {intro}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
    </main>
  )
}
