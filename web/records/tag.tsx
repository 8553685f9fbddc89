import { Tooltip } from '@mantine/core'
import classes from './tag.module.css'

export type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

/** A state in a word. The org's own word is shown; what Loopline takes it for is said on hover where they differ. */
export function Tag({ tone, text, meaning }: { tone: Tone; text: string; meaning?: string | undefined }) {
  const differs = meaning !== undefined && meaning.toLowerCase() !== text.toLowerCase()
  const tag = (
    <span className={classes.tag} style={{ color: `var(--loopline-${tone})` }}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.text}>{text}</span>
    </span>
  )
  return differs ? <Tooltip label={`${text}: counts as ${meaning.toLowerCase()}`}>{tag}</Tooltip> : tag
}
