import t from 'tap'
import { agentOfSite, kindOfAgent, siteOfAgent, siteSchema } from '../../schemas/site.ts'

t.test('an agent type says its site, and nothing else is taken for one', async (t) => {
  t.equal(agentOfSite('capture', undefined), 'capture')
  t.equal(agentOfSite('word-count', 'north-gate'), 'word-count--north-gate')
  t.equal(siteOfAgent('word-count--north-gate'), 'north-gate')
  t.equal(kindOfAgent('word-count--north-gate'), 'word-count')
  for (const centre of [
    'capture',
    'word-count',
    '--yard',
    'a--',
    'a--Yard',
    'a--b_c',
    `a--${'x'.repeat(25)}`,
  ]) {
    t.equal(siteOfAgent(centre), undefined, centre)
    t.equal(kindOfAgent(centre), centre)
  }
})

t.test('names of sites', async (t) => {
  for (const good of ['yard', 'north-gate', '7', 'a1-b2']) t.ok(siteSchema.safeParse(good).success, good)
  for (const bad of ['', 'Yard', 'a--b', '-a', 'a-', 'a.b', 'a b', 'x'.repeat(25)])
    t.notOk(siteSchema.safeParse(bad).success, bad)
})
