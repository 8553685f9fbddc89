/** The text of a formula field to its tree: the part of Salesforce's formula language that the practice org knows. */

export type Formula =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Formula[] }
  | { readonly kind: 'operation'; readonly operator: string; readonly left: Formula; readonly right: Formula }

/** Loosest first. */
const OPERATORS = [['||'], ['&&'], ['=', '==', '<>', '!=', '<', '<=', '>', '>='], ['&', '+', '-'], ['*', '/'], ['^']]
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|([A-Za-z_$][\w.$]*)|(\|\||&&|<>|!=|<=|>=|==|[-+*/^&=<>(),!]))/y

/** Reads a formula; throws a RangeError that says where it stops making sense. */
export function parseFormula(text: string): Formula {
  const tokens = tokensOf(text)
  let at = 0

  const fail = (): never => {
    throw new RangeError(`Syntax error in formula: unexpected ${tokens[at] ?? 'end'} in ${text}`)
  }
  const next = (): string => tokens[at++] ?? fail()
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const expect = (token: string) => take(token) || fail()

  function binary(level: number): Formula {
    const operators = OPERATORS[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    while (operators.includes(tokens[at] ?? '')) {
      const operator = next()
      left = { kind: 'operation', operator, left, right: binary(level + 1) }
    }
    return left
  }

  function unary(): Formula {
    if (take('-')) return { kind: 'operation', operator: '-', left: { kind: 'literal', value: 0 }, right: unary() }
    if (take('!')) return { kind: 'call', name: 'NOT', args: [unary()] }
    return primary()
  }

  function primary(): Formula {
    if (take('(')) {
      const inner = binary(0)
      expect(')')
      return inner
    }
    const token = next()
    if (/^["']/.test(token)) return { kind: 'literal', value: token.slice(1, -1).replace(/\\(.)/g, '$1') }
    if (/^\d/.test(token)) return { kind: 'literal', value: Number(token) }
    if (!/^[A-Za-z_$]/.test(token)) return fail()
    const name = token.toUpperCase()
    if (name === 'TRUE' || name === 'FALSE') return { kind: 'literal', value: name === 'TRUE' }
    if (name === 'NULL') return { kind: 'literal', value: null }
    if (!take('(')) return { kind: 'field', path: token.split('.') }
    const args: Formula[] = []
    if (!take(')')) {
      do args.push(binary(0))
      while (take(','))
      expect(')')
    }
    return { kind: 'call', name, args }
  }

  const formula = binary(0)
  if (at < tokens.length) fail()
  return formula
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (!found) throw new RangeError(`Syntax error in formula at character ${from + 1}: ${text}`)
    tokens.push(found[0].trim())
  }
  return tokens
}

/** The names of fields that a formula reads, with the relationships on the way. */
export function namesIn(formula: Formula): readonly string[] {
  switch (formula.kind) {
    case 'literal':
      return []
    case 'field':
      return formula.path
    case 'call':
      return formula.args.flatMap(namesIn)
    case 'operation':
      return [...namesIn(formula.left), ...namesIn(formula.right)]
  }
}
