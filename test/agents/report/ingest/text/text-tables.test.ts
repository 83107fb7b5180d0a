import fc from 'fast-check'
import t from 'tap'
import { tablesInText } from '../../../../../services/agents/report/ingest/text/text-tables.ts'

const rows = (text: string) =>
  tablesInText(text).map(({ csv }) => csv.split('\n').map((line) => line.split('\t')))

t.test('delimiters, aligned columns and drawn frames', async (t) => {
  const expected = [
    [
      ['id', 'name', 'v'],
      ['1', 'Ann Lee', '2.5'],
      ['2', 'Bob', '3'],
    ],
  ]
  for (const text of [
    'id,name,v\n1,Ann Lee,2.5\n2,Bob,3',
    'id\tname\tv\n1\tAnn Lee\t2.5\n2\tBob\t3',
    'id;name;v\n1;Ann Lee;2.5\n2;Bob;3',
    ' id | name    | v\n----+---------+---\n  1 | Ann Lee | 2.5\n  2 | Bob     | 3\n(2 rows)',
    '+----+---------+-----+\n| id | name    | v   |\n+----+---------+-----+\n| 1  | Ann Lee | 2.5 |\n| 2  | Bob     | 3   |\n+----+---------+-----+',
    'id  name     v\n1   Ann Lee  2.5\n2   Bob      3',
  ]) {
    t.strictSame(rows(text), expected, text)
  }
})

t.test('numbers with names in the comment above', async (t) => {
  const text = '# Mauna Loa\n# year month mean\n1958 3 315.70\n1958 4 317.45\n1958 5 317.51'
  t.match(tablesInText(text), [{ csv: /^year\tmonth\tmean\n1958\t3\t315.70/, isNamedByComment: true }])
})

t.test('a table of words, by commas without spaces', async (t) => {
  t.equal(rows('name,city\nAnn,Rome\nBob,Paris\nCy,Oslo').length, 1)
  t.equal(rows('name, city\nAnn, Rome\nBob, Paris\nCy, Oslo').length, 0)
})

t.test('what is no table: prose, logs, lists, letters', async (t) => {
  for (const text of [
    'It was late, and it rained.\nShe came, and he stood up.\nThey spoke, and nobody heard.\nThen, they left.',
    '2024-01-01 12:00:00,123 INFO server started\n2024-01-01 12:00:01,456 WARN disk is full\n2024-01-01 12:00:02,789 ERROR no',
    '1. Buy milk\n2. Call Bob\n3. Write report\n4. Go home',
    'Jane Doe\n12 High Street\nLondon\nDear Sir,\nthank you, and goodbye, for now.',
    'a: b; c\nd: e; f g h i j k l m n; x\nno',
  ]) {
    t.strictSame(tablesInText(text), [], text)
  }
})

t.test('a table between paragraphs, and where it stands', async (t) => {
  const text = 'A word before.\n\nregion;units\nNorth;10\nSouth;20\n\nA word after.'
  t.match(tablesInText(text), [{ start: 2, end: 5 }])
})

t.test('any table of words and numbers comes back', async () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/)
  const body = fc.array(fc.tuple(word, fc.integer(), fc.double({ noNaN: true, min: 0, max: 1e6 })), {
    minLength: 2,
    maxLength: 40,
  })
  fc.assert(
    fc.property(body, fc.constantFrom('\t', ';', ',', '|'), (cells, delimiter) => {
      const text = [['name', 'n', 'x'], ...cells.map((row) => row.map(String))]
        .map((row) => row.join(delimiter))
        .join('\n')
      return (
        JSON.stringify(rows(text)) === JSON.stringify([text.split('\n').map((line) => line.split(delimiter))])
      )
    }),
    { numRuns: 100 },
  )
})
