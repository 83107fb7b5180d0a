import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import {
  decodeParts,
  encodeState,
  hashOf,
  itemsAPiece,
  openLists,
  piecesOf,
} from '../../../services/orchestrator/checkpoints/checkpoint-state.ts'
import { taskState } from '../../support/task-states.ts'

t.test('a small state stands by itself, a large one in parts that give it again', async (t) => {
  const small = taskState('a')
  t.strictSame(await encodeState(small, JSON.stringify(small)), { state: small })
  // What hardly gets smaller: more than one part of it is left.
  const noise = Array.from({ length: 60_000 }, (_, i) => hashOf(String(i)).slice(0, 20))
  const large = taskState('a', { input: { noise } })
  const json = JSON.stringify(large)
  t.ok(json.length < LIMITS.stateBytes)
  const encoded = await encodeState(large, json)
  const parts = 'parts' in encoded ? encoded.parts : []
  t.ok(parts.length > 1, `${parts.length} parts`)
  t.ok(parts.every((part) => part.length <= 256 * 1024))
  t.strictSame(await decodeParts(parts), large)
  await t.rejects(decodeParts(parts.slice(1)), 'the first one is missing')
  await t.rejects(decodeParts([]))
})

t.test('outcomes of a list are pieces, as large as one message may be', (t) => {
  t.equal(itemsAPiece(10_000), 64)
  t.equal(itemsAPiece(100), 4)
  const outcomes = Array.from({ length: 130 }, (_, n) => (n === 3 ? undefined : { output: n }))
  const pieces = piecesOf(outcomes, 10_000)
  t.strictSame(
    [...pieces].map(([piece, items]) => [piece, items.length]),
    [
      [0, 63],
      [1, 64],
      [2, 2],
    ],
  )
  t.equal(piecesOf([undefined], 1).size, 0)
  t.end()
})

t.test('lists are open while their step runs', (t) => {
  const items = { total: 9, next: 4, completed: 2, failed: 1 }
  const state = taskState('a', {
    steps: {
      a: { status: 'running', attempt: 0, items },
      b: { status: 'completed', attempt: 0, items },
      c: { status: 'running', attempt: 0 },
    },
  })
  t.strictSame(openLists(state), [{ stepId: 'a', total: 9, begun: 4, completed: 2 }])
  t.end()
})
