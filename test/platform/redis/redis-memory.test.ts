import t from 'tap'
import {
  evictionPolicy,
  memoryShare,
  parseInfo,
  parseMemory,
} from '../../../services/platform/redis/redis-memory.ts'

const memory = (text: string) => parseMemory(parseInfo(text))

t.test('reads what INFO memory says', async (t) => {
  const info =
    '# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nmaxmemory:2097152\r\nmaxmemory_policy:noeviction\r\n'
  t.strictSame(memory(info), { usedBytes: 1_048_576, maxBytes: 2_097_152, policy: 'noeviction' })
  t.strictSame(memory('used_memory:5\n'), { usedBytes: 5, maxBytes: 0, policy: 'unknown' })
  t.equal(memory('# Memory\r\n'), undefined)
  t.equal(memory('used_memory:much\r\n'), undefined)
})

t.test('how full, and whether keys may be evicted', async (t) => {
  const of = (maxBytes: number, policy = 'noeviction') => ({ usedBytes: 50, maxBytes, policy })
  t.equal(memoryShare(of(100)), 0.5)
  t.equal(memoryShare(of(0)), undefined)
  t.equal(evictionPolicy(of(100, 'allkeys-lru')), 'allkeys-lru')
  t.equal(evictionPolicy(of(0, 'allkeys-lru')), undefined, 'without a limit it is never full')
  t.equal(evictionPolicy(of(100)), undefined)
  t.equal(evictionPolicy(of(100, 'unknown')), undefined)
})
