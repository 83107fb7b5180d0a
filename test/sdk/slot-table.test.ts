import { Worker } from 'node:worker_threads'
import t from 'tap'
import { type SlotContent, SlotTable } from '../../services/sdk/slot-table.ts'
import type { TableReading } from '../support/slot-reader-thread.ts'

const content = (n: number): SlotContent => ({
  ackSubject: `$JS.ACK.STEPS.a-p1.${n}.${n}.${n}.1790000000000000000.${n}`,
  taskId: `task${n}`,
  stepId: `step${n}`,
  attempt: n,
  deliveries: n,
  running: true,
  announced: false,
})

t.test('what is taken can be read, until it is given back', async (t) => {
  const table = SlotTable.create(2)
  const one = table.take({ ...content(1), running: false })!
  const two = table.take(content(2))!
  t.equal(table.take(content(3)), undefined, 'no more than there are')
  t.match(
    [...table.taken()],
    [
      { ...content(1), running: false, ...one },
      { ...content(2), ...two },
    ],
  )
  table.markRunning(one.slot, true)
  t.match(table.read(one.slot), { running: true, announced: true })
  table.release(one.slot)
  t.equal(table.read(one.slot), undefined)
  const three = table.take(content(3))!
  t.equal(three.slot, one.slot)
  t.not(three.generation, one.generation, 'the next use is another one')
  t.match(table.read(three.slot), content(3))
})

t.test('a newer message of the same attempt takes the place of the older one', async (t) => {
  const table = SlotTable.create(1)
  const taken = table.take(content(1))!
  t.ok(table.adopt(taken.slot, { ...content(1), ackSubject: 'other', deliveries: 2 }))
  t.match(table.read(taken.slot), { ...taken, ackSubject: 'other', taskId: 'task1', deliveries: 2 })
})

t.test('texts that do not fit are refused, not cut', async (t) => {
  const table = SlotTable.create(1)
  t.equal(table.take({ ...content(1), ackSubject: 'x'.repeat(600) }), undefined)
  t.ok(table.take(content(1)), 'and cost no slot')
})

t.test('the other thread never sees a half of one step and a half of another', async (t) => {
  const table = SlotTable.create(2)
  const reader = new Worker(new URL('../support/slot-reader-thread.ts', import.meta.url), {
    workerData: { memory: table.memory },
  })
  const reading = new Promise<TableReading>((resolve, reject) => {
    reader.once('message', resolve)
    reader.once('error', reject)
  })
  let over = false
  void reading.finally(() => {
    over = true
  })
  for (let n = 1; !over; n = (n % 50_000) + 1) {
    const one = table.take(content(n))!
    const two = table.take(content(n + 50_000))!
    table.adopt(one.slot, content(n))
    table.release(two.slot)
    table.release(one.slot)
    // The reader's message needs a turn of the event loop.
    if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const { seen, torn } = await reading
  t.ok(seen >= 2000, `${seen} looks`)
  t.strictSame(torn, [])
})

t.test('whether the instance is drained is seen by the other thread', async (t) => {
  const table = SlotTable.create(1)
  const other = new SlotTable(table.memory)
  t.equal(other.cordoned, false)
  table.cordoned = true
  t.equal(other.cordoned, true)
  table.cordoned = false
  t.equal(other.cordoned, false)
})
