/**
 * What stands between a search's braces: words, "phrases", AND, OR, AND NOT, wildcards
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-find.html).
 */

import { OrgError } from '../org/model.ts'

export type SearchTerm =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly SearchTerm[] }
  | { readonly kind: 'not'; readonly term: SearchTerm }
  | { readonly kind: 'text'; readonly pattern: RegExp }

/** "If the search string is longer than 10,000 characters, no results are returned; over 4,000, operators are removed." */
const LONGEST = 10_000
const LONGEST_WITH_OPERATORS = 4_000
/** Parentheses in one another; nobody writes so many. */
const DEEPEST = 200

interface Piece {
  readonly kind: 'open' | 'close' | 'AND' | 'OR' | 'NOT' | 'text'
  readonly text: string
}

const malformed = (reason: string) => new OrgError('MALFORMED_SEARCH', reason)

/** Reads a search string; undefined when it is so long that nothing is found. */
export function parseTerms(search: string): SearchTerm | undefined {
  if (search.length > LONGEST) return undefined
  const plain = search.length > LONGEST_WITH_OPERATORS
  const pieces = piecesOf(search).filter(({ kind }) => !plain || kind === 'text')
  if (pieces.length === 0) throw malformed('No search term found. The search term must be enclosed in braces.')
  let position = 0
  let depth = 0
  const term = either()
  if (position < pieces.length) throw malformed(`unexpected token: '${pieces[position]?.text}'`)
  return term

  /** OR binds less than AND, which needs not be written. */
  function either(): SearchTerm {
    const terms = [both()]
    while (pieces[position]?.kind === 'OR') {
      position++
      terms.push(both())
    }
    return joined('or', terms)
  }

  function both(): SearchTerm {
    const terms = [single()]
    for (;;) {
      const kind = pieces[position]?.kind
      if (kind === 'AND') {
        position++
        const negated = pieces[position]?.kind === 'NOT'
        if (negated) position++
        const next = single()
        terms.push(negated ? { kind: 'not', term: next } : next)
      } else if (kind === 'text' || kind === 'open') terms.push(single())
      else return joined('and', terms)
    }
  }

  function single(): SearchTerm {
    const piece = pieces[position++]
    if (piece?.kind === 'text') return { kind: 'text', pattern: patternOf(piece.text) }
    if (piece?.kind !== 'open') throw malformed(`unexpected token: '${piece?.text ?? '<EOF>'}'`)
    if (++depth > DEEPEST) throw malformed("unexpected token: '('")
    const inner = either()
    depth--
    if (pieces[position++]?.kind !== 'close') throw malformed("unexpected token: '<EOF>'")
    return inner
  }
}

const joined = (kind: 'and' | 'or', terms: SearchTerm[]): SearchTerm => {
  const [first] = terms
  return first && terms.length === 1 ? first : { kind, terms }
}

function piecesOf(search: string): Piece[] {
  const found = search.matchAll(/"((?:\\.|[^"\\])*)"|([()])|((?:\\.|[^\s()"\\])+)/gs)
  return Array.from(found, ([text, phrase, parenthesis, word = '']): Piece => {
    if (phrase !== undefined) return { kind: 'text', text: phrase }
    if (parenthesis) return { kind: parenthesis === '(' ? 'open' : 'close', text }
    const operator = word.toUpperCase()
    const isOperator = operator === 'AND' || operator === 'OR' || operator === 'NOT'
    return { kind: isOperator ? operator : 'text', text: word }
  })
}

const WORD = '\\p{L}\\p{M}\\p{N}'
/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** A word or phrase as a pattern: whole words, anything between them that is no letter or digit, `*` and `?` wild. */
function patternOf(text: string): RegExp {
  const words: string[] = []
  let word = ''
  let letters = 0
  const close = () => {
    if (word !== '') words.push(word)
    word = ''
  }
  for (const [, escaped, plain = ''] of text.matchAll(/\\(.)|(.)/gsu)) {
    if (plain === '*' && word !== '') word += `[${WORD}]*`
    else if (plain === '?' && word !== '') word += `[${WORD}]`
    else if (/[\p{L}\p{M}\p{N}]/u.test(escaped ?? plain)) {
      word += escaped ?? plain
      letters++
    } else close()
  }
  close()
  if (letters === 0) throw malformed('No search term found. The search term must be enclosed in braces.')
  if (letters === 1 && !UNSPACED.test(text)) {
    throw malformed(`search term must be longer than one character: ${text}`)
  }
  const [before, after] = UNSPACED.test(text) ? ['', ''] : [`(?<![${WORD}])`, `(?![${WORD}])`]
  return new RegExp(`${before}${words.join(`[^${WORD}]+`)}${after}`, 'iu')
}

/** Whether a record's texts hold what is searched for; each word may stand in another of them. */
export function holdsTerm(term: SearchTerm, texts: readonly string[]): boolean {
  switch (term.kind) {
    case 'and':
      return term.terms.every((part) => holdsTerm(part, texts))
    case 'or':
      return term.terms.some((part) => holdsTerm(part, texts))
    case 'not':
      return !holdsTerm(term.term, texts)
    case 'text':
      return texts.some((text) => term.pattern.test(text))
  }
}
