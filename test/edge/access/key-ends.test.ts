import t from 'tap'
import type { StoredKey } from '#schemas/api-key.ts'
import { endOf, KeyEnds } from '../../../services/edge/access/key-ends.ts'

const key: StoredKey = {
  v: 1,
  id: 'abcdefghijkl',
  tenant: 'acme',
  name: 'test',
  scopes: ['tasks:read'],
  createdAtMs: 1,
  hash: '0'.repeat(64),
}

t.test('the end of a key: its time, none, or now for one that was revoked', async (t) => {
  t.equal(endOf(key), undefined)
  t.equal(endOf({ ...key, expiresAtMs: 5 }), 5)
  t.equal(endOf({ ...key, expiresAtMs: 5, revokedAtMs: 3 }), 0)
})

t.test('who listens is told of his own key, until he stops', async (t) => {
  const ends = new KeyEnds()
  const heard: string[] = []
  const stopA = ends.listen('a', (endsAtMs) => heard.push(`a1 ${endsAtMs}`))
  ends.listen('a', (endsAtMs) => heard.push(`a2 ${endsAtMs}`))
  ends.listen('b', (endsAtMs) => heard.push(`b ${endsAtMs}`))
  ends.tell('a', 7)
  stopA()
  stopA()
  ends.tell('a', undefined)
  ends.tell('none', 1)
  t.strictSame(heard, ['a1 7', 'a2 7', 'a2 undefined'])
})

t.test('who stops while he is told holds nobody else up', async (t) => {
  const ends = new KeyEnds()
  const heard: string[] = []
  const stop = ends.listen('a', () => {
    stop()
    heard.push('first')
  })
  ends.listen('a', () => heard.push('second'))
  ends.tell('a', 0)
  ends.tell('a', 0)
  t.strictSame(heard, ['first', 'second', 'second'])
})
