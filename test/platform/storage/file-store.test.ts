import t from 'tap'
import { assertKey } from '../../../services/platform/storage/file-store.ts'

t.test('keys are paths below the store, of plain characters', async (t) => {
  for (const key of ['a', 'a/b.zst', 'manifest/20261129T1.5Z/p07of16/0001.json'])
    t.doesNotThrow(() => assertKey(key))
  const none = [
    '',
    '/a',
    'a/',
    'a//b',
    '..',
    'a/../b',
    '.a',
    'a/.b',
    'a b',
    'a\\b',
    'ä',
    `a${'b'.repeat(600)}`,
  ]
  for (const key of none) t.throws(() => assertKey(key), key)
})
