import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashOf, sampleLines } from '../../../../../services/agents/report/ingest/large/sample-lines.ts'
import { freshFolder } from './read-large.ts'

async function draw(text: string, { share = 1, skip = 1 } = {}) {
  const folder = freshFolder()
  const path = join(folder, 'a.csv')
  const to = join(folder, 'drawn.csv')
  writeFileSync(path, text)
  const { signal } = new AbortController()
  const drawn = await sampleLines(path, { to, share, skip, quote: '"', signal })
  return drawn && { numbers: drawn.numbers, lines: readFileSync(drawn.path, 'utf8') }
}

t.test('all lines but blank ones, counted below those that were skipped', async (t) => {
  t.same(await draw('head\na\n\n\r\nb\nc'), { numbers: [1, 2, 3], lines: 'a\nb\nc\n' })
})

t.test('a share, the same each time, spread evenly, with the right numbers', async (t) => {
  const text = `x\n${Array.from({ length: 20_000 }, (_, i) => `line ${i + 1}`).join('\n')}\n`
  const first = await draw(text, { share: 0.1 })
  t.same(await draw(text, { share: 0.1 }), first)
  const { numbers, lines } = first!
  t.equal(lines, numbers.map((number) => `line ${number}\n`).join(''))
  // Four standard deviations of a binomial variable.
  t.ok(Math.abs(numbers.length - 2_000) < 170, `${numbers.length}`)
  const early = numbers.filter((number) => number <= 10_000).length
  t.ok(Math.abs(early - numbers.length / 2) < 95, `${early} of ${numbers.length}`)
})

t.test('a line with an open quote is no row', async (t) => {
  t.equal(await draw('head\na\n"b\nc"\n'), undefined)
  t.same((await draw('head\n"a ""x"""\n'))?.numbers, [1])
})

t.test('the hash is the finaliser of MurmurHash3', async (t) => {
  // fmix32 as published: 0 stays 0, and 1 gives 0x514e28b7.
  t.equal(hashOf(0), 0)
  t.equal(hashOf(1), 0x514e28b7)
})
