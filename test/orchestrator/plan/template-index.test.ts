import t from 'tap'
import { planTemplateExample, type StoredTemplate } from '#schemas/plan-template.ts'
import { TemplateIndex } from '../../../services/orchestrator/plan/template-index.ts'

const written = (name: string, version: number, tenant = 'north'): StoredTemplate => ({
  v: 1,
  tenant,
  template: { ...planTemplateExample, name, version },
})
const deleted = (name: string, version: number, tenant = 'north'): StoredTemplate => ({
  v: 1,
  tenant,
  deleted: { name, version },
})

t.test('versions by name, the newest first, each tenant for itself', async (t) => {
  const index = new TemplateIndex()
  for (const [i, stored] of [
    written('a', 1),
    written('a', 2),
    written('b', 1),
    written('a', 1, 'south'),
  ].entries())
    index.learn(stored, i + 1)
  t.match(index.find('north', 'a'), { version: 2, seq: 2 })
  t.match(index.find('north', 'a', 1), { seq: 1 })
  t.match(index.find('south', 'a'), { version: 1, seq: 4 })
  t.equal(index.find('north', 'c'), undefined)
  t.strictSame(
    index.versions('north', 'a').map(({ version }) => version),
    [2, 1],
  )
  t.match(index.list('north', { limit: 9 }), [
    { name: 'a', version: 2, versions: 2 },
    { name: 'b', version: 1, versions: 1 },
  ])
  t.match(index.list('north', { after: 'a', limit: 9 }), [{ name: 'b' }])
})

t.test('what is deleted is gone, and its number is never given again', async (t) => {
  const index = new TemplateIndex()
  index.learn(written('a', 1), 1)
  index.learn(written('a', 2), 2)
  index.learn(deleted('a', 2), 3)
  t.match(index.find('north', 'a'), { version: 1 })
  t.equal(index.nextVersion('north', 'a'), 3)
  index.learn(deleted('a', 1), 4)
  t.strictSame(index.list('north', { limit: 9 }), [])
  t.equal(index.nextVersion('north', 'a'), 3)
  t.strictSame(index.countsOf('north'), { kept: 0, written: 2 })
})

t.test('what is left in the stream after a restart gives the same numbers', async (t) => {
  const index = new TemplateIndex()
  // The mark has taken the place of the version.
  index.learn(written('a', 1), 1)
  index.learn(deleted('a', 2), 3)
  t.match(index.find('north', 'a'), { version: 1 })
  t.equal(index.nextVersion('north', 'a'), 3)
  t.strictSame(index.countsOf('north'), { kept: 1, written: 2 })
  t.strictSame(index.countsOf('nobody'), { kept: 0, written: 0 })
})
