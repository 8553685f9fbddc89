/** What a case is about, in the customer's words. */

import type { Company } from './company.ts'
import { pick } from './draw.ts'
import { greetings, topics, urgencies } from './words-service.ts'

/** Which of the topics a case with these drawn traits is about. */
export function topicNumber(traits: number): number {
  return (traits >>> 5) % topics.length
}

interface CaseWords {
  topicOf(slot: number): (typeof topics)[number]
  model(slot: number): string
  subject(slot: number): string
  serial(slot: number): string
  /** What the customer reports, without the name below it. */
  reported(slot: number): string
}

/** The words of the company's cases. */
export function createCaseWords({ draw }: Company): CaseWords {
  const traitDraw = draw('Case.traits')
  const serialDraw = draw('Case.serial')
  const wordDraw = draw('Case.words')
  // Names of products are put into the texts once, not once per case.
  const subjects = topics.map((topic) =>
    topic.models.map((model) => topic.subjects.map((subject) => subject.replaceAll('{model}', model))),
  )
  const reports = topics.map((topic) => topic.models.map((model) => topic.report.replaceAll('{model}', model)))
  const topicOf = (slot: number) => topics[topicNumber(traitDraw(slot))] ?? pick(topics, 0)

  function serial(slot: number): string {
    const drawn = serialDraw(slot)
    const week = String((drawn >>> 3) % 53).padStart(2, '0')
    return `SN${20 + (drawn % 6)}${week}-${((drawn >>> 9) % 1_000_000).toString(36).toUpperCase()}`
  }

  return {
    topicOf,
    serial,
    model: (slot) => pick(topicOf(slot).models, serialDraw(slot)),
    subject(slot) {
      const byModel = subjects[topicNumber(traitDraw(slot))] ?? []
      return pick(pick(byModel, serialDraw(slot)), wordDraw(slot))
    },
    reported(slot) {
      const drawn = wordDraw(slot)
      const report = pick(reports[topicNumber(traitDraw(slot))] ?? [], serialDraw(slot))
      return `${pick(greetings, drawn >>> 3)}\n\n${report} ${topicOf(slot).detail}\n\nSerial number: ${serial(slot)}\n${pick(urgencies, drawn >>> 7)}`
    },
  }
}
