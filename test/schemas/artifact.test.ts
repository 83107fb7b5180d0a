import t from 'tap'
import { type Artifact, artifactSchema, artifactsOf } from '#schemas/artifact.ts'
import { blobRefExample } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'

const ref = (about: object = {}): JsonObject => ({ ...blobRefExample, ...about }) as JsonObject
const { name: _name, ...nameless } = blobRefExample
const named = (output: JsonValue) => artifactsOf(output).map(({ name, path }) => [name, path])

t.test('references at any depth, in order, with their paths as JSON pointers', async (t) => {
  const output = {
    report: { v: 1, images: [{ thumbnail: ref({ name: 'a.png' }) }, { thumbnail: ref({ name: 'b.png' }) }] },
    html: ref({ name: 'report.html', contentType: 'text/html' }),
    'a/b': { 'c~d': ref() },
  }
  t.strictSame(named(output), [
    ['a.png', '/report/images/0/thumbnail'],
    ['b.png', '/report/images/1/thumbnail'],
    ['report.html', '/html'],
    ['sales.csv', '/a~1b/c~0d'],
  ])
  const html = artifactsOf(output)[2]
  t.strictSame(html, {
    ...blobRefExample,
    name: 'report.html',
    contentType: 'text/html',
    path: '/html',
  } satisfies Artifact)
})

t.test('what has no name is called by where it stands', async (t) => {
  t.strictSame(named(nameless), [['output', '']])
  t.strictSame(named({ cameras: [{ clip: nameless }], pages: [nameless], 3: [nameless] }), [
    ['3-0', '/3/0'],
    ['clip', '/cameras/0/clip'],
    ['pages-0', '/pages/0'],
  ])
  t.strictSame(named({ a: { $json: nameless, path: ['x'] } }), [['a', '/a/$json']])
  t.strictSame(named([ref({ name: '' })]), [['0', '/0']])
})

t.test('what only looks like a reference is none', async (t) => {
  t.strictSame(artifactsOf({ a: { blob: 'x' } }), [])
  for (const odd of [{ size: -1 }, { sha256: 'X' }, { blob: '../x y' }, { contentType: '' }, { blob: 7 }])
    t.strictSame(artifactsOf({ a: ref(odd) }), [])
  for (const plain of [null, true, 1, 'text', [], {}, [null, [1]]]) t.strictSame(artifactsOf(plain), [])
})

t.test('the same object at two places is there twice; each is what the schema says', async (t) => {
  const artifacts = artifactsOf([ref(), { again: ref() }])
  t.strictSame(
    artifacts.map(({ path }) => path),
    ['/0', '/1/again'],
  )
  for (const artifact of artifacts) t.strictSame(artifactSchema.parse(artifact), artifact)
})
