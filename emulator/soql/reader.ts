/** Reads tokens one after the other, and says what it can't take. */

import { type Token, tokenAt } from './lexer.ts'
import { mismatchedInput, unexpectedToken } from './message.ts'

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-reserved-characters.html
// lists the words that can't be alias names; the clauses after them can't either.
const RESERVED = new Set(
  'AND ASC DESC EXCLUDES FIRST FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR ORDER OFFSET SELECT USING WHERE WITH'.split(
    ' ',
  ),
)

/** Whether a word can't be a name that the query gives. */
export const isReserved = (word: string): boolean => RESERVED.has(word.toUpperCase())

/** Nobody writes so many parentheses in one another; without an end to them the stack would have one. */
const DEEPEST = 200

export class Reader {
  readonly text: string
  #next: Token
  #depth = 0

  constructor(text: string, from = 0) {
    this.text = text
    this.#next = tokenAt(text, from)
  }

  peek(): Token {
    return this.#next
  }

  /** The token after the next one. */
  #second(): Token {
    return tokenAt(this.text, this.#next.at + (this.#next.kind === 'end' ? 0 : this.#next.text.length))
  }

  next(): Token {
    const token = this.#next
    this.#next = this.#second()
    return token
  }

  /** Whether the next token is this keyword or mark. */
  is(text: string): boolean {
    const { kind, text: found } = this.#next
    return (kind === 'word' || kind === 'mark') && found.toUpperCase() === text
  }

  /** Whether the next token is this word, with an opening parenthesis after it. */
  isCall(name: string): boolean {
    return this.is(name) && this.#second().text === '('
  }

  /** Reads what stands inside something of its own kind. */
  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw unexpectedToken(this.text, this.#next)
    const found = read()
    this.#depth--
    return found
  }

  take(text: string): boolean {
    if (!this.is(text)) return false
    this.next()
    return true
  }

  expect(text: string): Token {
    if (this.is(text)) return this.next()
    throw text === ')' ? mismatchedInput(this.text, this.#next, text) : unexpectedToken(this.text, this.#next)
  }

  /** A name: any word that the grammar doesn't reserve. */
  word(): Token {
    if (this.#next.kind !== 'word' || isReserved(this.#next.text)) throw unexpectedToken(this.text, this.#next)
    return this.next()
  }

  /** An object's name: there are objects called Group and Order. */
  objectName(): Token {
    return this.is('GROUP') || this.is('ORDER') ? this.next() : this.word()
  }
}
