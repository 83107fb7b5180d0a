import t from 'tap'
import { priorityOption, resolveTime, timeOption } from '../../../services/cli/commands/arguments.ts'

t.test('moments are ago or on a date', async (t) => {
  t.equal(resolveTime(timeOption('2h'), 10_000_000), 2_800_000)
  t.equal(resolveTime(timeOption('7d'), 1000), 0, 'not before time began')
  t.equal(resolveTime(timeOption('2026-11-20T10:00:00Z'), 0), Date.UTC(2026, 10, 20, 10))
  for (const wrong of ['', '2', 'yesterday', '0h', '2026-13-40', '1e3s', '-2h'])
    t.throws(() => timeOption(wrong), wrong)
})

t.test('priorities by name or number, and no word that objects have from birth', async (t) => {
  const read = (text: string) => priorityOption().parseArg?.(text, undefined as never)
  t.equal(read('critical'), 0)
  t.equal(read('low'), 3)
  t.equal(read('2'), 2)
  for (const wrong of ['constructor', 'toString', '__proto__', 'urgent', '4', ''])
    t.throws(() => read(wrong), /critical, high, normal or low/, wrong)
})
