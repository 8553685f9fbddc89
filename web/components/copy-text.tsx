import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** A button that copies, named for what it copies. */
export function CopyTextButton({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** Text that people carry elsewhere (an id, an address, a command), with a button that copies it. */
export function CopyText({ text, label, block = false }: { text: string; label: string; block?: boolean }) {
  return (
    <Group gap={4} wrap="nowrap" align={block ? 'flex-start' : 'center'} maw="100%">
      <Code
        block={block}
        style={block ? { flex: 1, whiteSpace: 'pre-wrap', minWidth: 0 } : { overflowWrap: 'anywhere', minWidth: 0 }}
      >
        {text}
      </Code>
      <CopyTextButton text={text} label={label} />
    </Group>
  )
}
