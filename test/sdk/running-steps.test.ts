import t from 'tap'
import { stepMessageExample } from '../../schemas/step-message.ts'
import type { Delivery } from '../../services/platform/nats/delivery.ts'
import { RunningSteps } from '../../services/sdk/running-steps.ts'
import { SlotTable } from '../../services/sdk/slot-table.ts'

function delivery(deliveryCount = 1) {
  const settled: string[] = []
  const settle = (how: string) => () => void settled.push(how)
  const fake = {
    deliveryCount,
    ackSubject: `ack.${deliveryCount}`,
    ack: settle('ack'),
    nak: settle('nak'),
    term: settle('term'),
  }
  return { settled, delivery: fake as unknown as Delivery }
}

function open() {
  const table = SlotTable.create(2)
  return { table, steps: new RunningSteps(table) }
}

t.test('a step holds a slot until it is settled, once', async (t) => {
  const { table, steps } = open()
  const { delivery: message, settled } = delivery()
  const running = steps.add(stepMessageExample, message)!
  t.match([...table.taken()], [{ taskId: stepMessageExample.taskId, ackSubject: 'ack.1' }])
  t.equal(steps.find(running.taken!), running)
  running.settle('ack')
  running.settle('nak')
  t.strictSame([settled, [...table.taken()]], [['ack'], []])
  t.equal(steps.size, 1, 'the handler may still go on')
  steps.remove(running)
  t.equal(steps.size, 0)
})

t.test('an attempt that comes again while it is in hand: the newer message is kept', async (t) => {
  const { table, steps } = open()
  const first = delivery(1)
  const second = delivery(2)
  const third = delivery(3)
  const running = steps.add(stepMessageExample, first.delivery)!
  t.equal(steps.add(stepMessageExample, second.delivery), undefined)
  t.match([...table.taken()], [{ ackSubject: 'ack.2', deliveries: 2 }])
  running.settle('ack')
  t.strictSame([first.settled, second.settled], [[], ['ack']])
  steps.add(stepMessageExample, third.delivery)
  t.strictSame(third.settled, ['ack'], 'what is settled is acknowledged when it comes again')
})

t.test('a finished attempt is known when it comes once more', async (t) => {
  const { steps } = open()
  const running = steps.add(stepMessageExample, delivery().delivery)!
  t.equal(running.isRepeated, false)
  steps.finished(running)
  steps.remove(running)
  t.equal(steps.add(stepMessageExample, delivery(2).delivery)?.isRepeated, true)
  t.equal(steps.add({ ...stepMessageExample, attempt: 99 }, delivery().delivery)?.isRepeated, false)
})

t.test('the first reason of an abort counts, and only steps of that task are aborted', async (t) => {
  const { steps } = open()
  const one = steps.add(stepMessageExample, delivery().delivery)!
  const other = steps.add({ ...stepMessageExample, taskId: 'other' }, delivery().delivery)!
  steps.abortTask(stepMessageExample.taskId, 5)
  t.equal(other.signal.aborted, false)
  steps.abortAll(9)
  t.strictSame([one.abortedFor, one.abortedAtMs, other.abortedFor], ['task-ended', 5, 'instance-stops'])
  t.match(one.signal.reason, { name: 'StepAborted', reason: 'task-ended' })
})

t.test('whoever waits hears when every message is settled', async (t) => {
  const { steps } = open()
  await steps.whenSettled()
  const running = steps.add(stepMessageExample, delivery().delivery)!
  let isSettled = false
  const waiting = steps.whenSettled().then(() => {
    isSettled = true
  })
  steps.wakeIfSettled()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(isSettled, false)
  running.settle('nak')
  steps.wakeIfSettled()
  await waiting
  t.strictSame(steps.unsettled(), [])
})
