import fc from 'fast-check'
import type { JsonValue } from '#schemas/json.ts'

/** What random expressions read. Whole numbers only: the library has a type of its own for them, JSON has not. */
export const RANDOM_SCOPE = {
  input: {
    n: 3,
    zero: 0,
    t: 'Hé😀',
    empty: '',
    yes: true,
    list: [4, -1, 2],
    words: ['a', 'b', 'a'],
    deep: { k: 5 },
  },
} satisfies Record<string, JsonValue>

const paths = {
  number: [
    'input.n',
    'input.zero',
    'input["n"]',
    'input.deep.k',
    'input.list[0]',
    'input.list[7]',
    'input.none',
  ],
  string: ['input.t', 'input.empty', 'input.words[1]', 'input.missing'],
  boolean: [
    'input.yes',
    'input.gone',
    'has(input.n)',
    'has(input.none)',
    'has(input.deep.k)',
    'has(input.deep.l)',
  ],
  numbers: ['input.list'],
}
const binary = (operators: readonly string[], side: fc.Arbitrary<string>) =>
  fc.tuple(side, fc.constantFrom(...operators), side).map(([a, operator, b]) => `(${a} ${operator} ${b})`)

const { boolean, number, string, numbers } = fc.letrec<Record<keyof typeof paths, string>>((tie) => {
  const [b, n, s, l] = [tie('boolean'), tie('number'), tie('string'), tie('numbers')]
  const choice = (value: fc.Arbitrary<string>) =>
    fc.tuple(b, value, value).map(([c, x, y]) => `(${c} ? ${x} : ${y})`)
  const predicate = fc.oneof(
    fc.tuple(fc.constantFrom('<', '>', '==', '!='), n).map(([operator, than]) => `x ${operator} ${than}`),
    fc.constantFrom('x % 2 == 0', '10 % x == 0', 'input.list.exists(y, y > x)', 'x in input.list'),
  )
  const over = (form: string, body: fc.Arbitrary<string>) =>
    fc.tuple(l, body).map(([list, of]) => `${list}.${form}(x, ${of})`)
  const depth = { maxDepth: 4, depthSize: 'medium', withCrossShrink: true } as const
  return {
    number: fc.oneof(
      depth,
      fc.integer({ min: 0, max: 9 }).map(String),
      fc.constantFrom(...paths.number),
      binary(['+', '-', '*', '%'], n),
      n.map((value) => `-(${value})`),
      fc.oneof(s, l).map((value) => `size(${value})`),
      fc.tuple(l, n).map(([list, index]) => `${list}[${index}]`),
      choice(n),
      n.map((value) => `int(string(${value}))`),
    ),
    string: fc.oneof(
      depth,
      fc.constantFrom('""', '"a"', "'é'", '"\\U0001F600"', 'r"\\d"'),
      fc.constantFrom(...paths.string),
      binary(['+'], s),
      fc.oneof(n, b).map((value) => `string(${value})`),
      choice(s),
      s.map((value) => `${value}.trim()`),
      s.map((value) => `${value}.split("a").join("-")`),
    ),
    boolean: fc.oneof(
      depth,
      fc.constantFrom('true', 'false'),
      fc.constantFrom(...paths.boolean),
      binary(['<', '<=', '>', '>=', '==', '!='], n),
      binary(['==', '!='], s),
      binary(['==', '!='], l),
      binary(['&&', '||', '==', '!='], b),
      b.map((value) => `!${value}`),
      fc.tuple(n, l).map(([value, list]) => `(${value} in ${list})`),
      fc
        .tuple(s, fc.constantFrom('contains', 'startsWith', 'endsWith'), s)
        .map(([value, test, other]) => `${value}.${test}(${other})`),
      fc.constantFrom('all', 'exists', 'exists_one').chain((form) => over(form, predicate)),
      choice(b),
    ),
    numbers: fc.oneof(
      depth,
      fc.constantFrom('[1, 2, 3]', '[7]'),
      fc.constantFrom(...paths.numbers),
      fc.array(n, { minLength: 1, maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
      binary(['+'], l),
      over('filter', predicate),
      over('map', fc.constantFrom('x', 'x * 2', 'x + size(input.list)', 'input.list[x]')),
      over(
        'map',
        predicate.map((test) => `${test}, x - 1`),
      ),
      choice(l),
    ),
  }
})

/** Expressions that are right in their types, so that CEL's own checker takes them, too; many have no value. */
export const typedExpressionArbitrary: fc.Arbitrary<string> = fc
  .oneof(boolean, number, string, numbers)
  .filter((text) => text.length <= 1000)

const TOKENS =
  'input x item a.b . , : ? ( ) [ ] { } + - * / % == != < <= > >= && || ! in true null 0 1.5 1e3 "s" \'s\' r"\\" """ has( size( .map(x, .all(x, .exists(x, .split("a") min( string( int( \\ \n // __proto__ constructor 😀 \u0000 = 9u b"x" 0x1f'.split(
    ' ',
  )

/** Any text, and texts made of the parts of expressions: most are none. */
export const anyTextArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60, size: 'max' }),
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 30, size: 'max' }).map((tokens) => tokens.join('')),
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 30, size: 'max' }).map((tokens) => tokens.join(' ')),
)
