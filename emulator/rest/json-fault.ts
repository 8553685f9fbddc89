/**
 * What is wrong with text that isn't JSON, in the words that Salesforce's parser (Jackson) uses: the offending character,
 * what was expected, and the place as `[line:1, column:2]`.
 */

class Fault extends Error {}

const LITERALS = ['true', 'false', 'null']

/** Says where a text stops being JSON. For texts that JSON.parse refuses. */
export function describeJsonFault(text: string): string {
  try {
    new Scanner(text).scanAll()
    return 'The request body is not valid JSON'
  } catch (error) {
    if (error instanceof Fault) return error.message
    // Thousands of brackets, one inside the other.
    if (error instanceof RangeError) return 'The request body is nested too deeply'
    throw error
  }
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  scanAll(): void {
    this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#unexpected('a valid value (number, String, array, object)')
  }

  #value(): void {
    this.#skipSpace()
    const character = this.#text[this.#at]
    if (character === '{') this.#object()
    else if (character === '[') this.#array()
    else if (character === '"') this.#string()
    else if (character !== undefined && /[-\d]/.test(character)) this.#number()
    else this.#literal()
  }

  #object(): void {
    const start = this.#at
    this.#at += 1
    this.#skipSpace()
    if (this.#take('}')) return
    do {
      this.#skipSpace()
      this.#endsIn('OBJECT', start)
      if (this.#text[this.#at] !== '"') this.#unexpected('double-quote to start field name')
      this.#string()
      this.#skipSpace()
      this.#endsIn('OBJECT', start)
      if (!this.#take(':')) this.#unexpected('a colon to separate field name and value')
      this.#value()
      this.#skipSpace()
      this.#endsIn('OBJECT', start)
    } while (this.#take(','))
    if (!this.#take('}')) this.#unexpected('comma to separate OBJECT entries')
  }

  #array(): void {
    const start = this.#at
    this.#at += 1
    this.#skipSpace()
    if (this.#take(']')) return
    do {
      this.#skipSpace()
      this.#endsIn('ARRAY', start)
      this.#value()
      this.#skipSpace()
      this.#endsIn('ARRAY', start)
    } while (this.#take(','))
    if (!this.#take(']')) this.#unexpected('comma to separate ARRAY entries')
  }

  #string(): void {
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at += 1) {
      const character = this.#text[this.#at]
      if (character === undefined)
        throw this.#fault('Unexpected end-of-input: was expecting closing quote for a string value')
      if (character < ' ') {
        const code = character.charCodeAt(0)
        throw this.#fault(
          `Illegal unquoted character ((CTRL-CHAR, code ${code})): has to be escaped using backslash to be included in string value`,
        )
      }
      if (character !== '\\') continue
      const escaped = /^(?:["\\/bfnrt]|u[\da-f]{4})/i.exec(this.#text.slice(this.#at + 1, this.#at + 6))?.[0]
      if (escaped === undefined) throw this.#fault('Unrecognized character escape')
      this.#at += escaped.length
    }
    this.#at += 1
  }

  #number(): void {
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(this.#text.slice(this.#at))?.[0]
    if (number === undefined) throw this.#fault('Invalid numeric value')
    this.#at += number.length
    if (/[\w.]/.test(this.#text[this.#at] ?? ' ')) throw this.#fault('Invalid numeric value')
  }

  #literal(): void {
    if (this.#at >= this.#text.length) throw this.#fault('Unexpected end-of-input')
    const token = /^[A-Za-z_$][\w$]*/.exec(this.#text.slice(this.#at))?.[0]
    if (token === undefined)
      this.#unexpected("a valid value (number, String, array, object, 'true', 'false' or 'null')")
    else if (!LITERALS.includes(token)) {
      throw this.#fault(`Unrecognized token '${token}': was expecting 'null', 'true', 'false' or NaN`)
    } else this.#at += token.length
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #endsIn(what: string, start: number): void {
    if (this.#at < this.#text.length) return
    throw this.#fault(`Unexpected end-of-input: expected close marker for ${what} (from ${this.#place(start)})`)
  }

  #unexpected(expected: string): never {
    const character = this.#text[this.#at] ?? ''
    throw this.#fault(
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting ${expected}`,
    )
  }

  #fault(reason: string): Fault {
    return new Fault(`${reason} at ${this.#place(this.#at + 1)}`)
  }

  #place(offset: number): string {
    const lines = this.#text.slice(0, offset).split('\n')
    return `[line:${lines.length}, column:${lines.at(-1)?.length ?? 0}]`
  }
}
