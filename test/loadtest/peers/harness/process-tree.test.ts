import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import {
  memoryMb,
  parentIn,
  processTree,
  proportionalKib,
} from '../../../../loadtest/peers/harness/process-tree.ts'

t.test('the parent, whatever the name of the program', async (t) => {
  t.equal(parentIn('42 (a (b) c) S 7 42 42 0'), 7)
})

t.test('the proportional share', async (t) => {
  t.equal(proportionalKib('Rss:   900 kB\nPss:   120 kB\nPss_Dirty: 3 kB\n'), 120)
  t.equal(proportionalKib(''), 0)
})

t.test(
  'children and theirs belong to the tree',
  { skip: !existsSync('/proc/self/stat') && 'no /proc' },
  async (t) => {
    const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo started; wait'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    t.teardown(() => child.stdin.destroy())
    await once(child.stdout, 'data')
    const tree = processTree(child.pid!)
    t.equal(tree[0], child.pid)
    t.equal(tree.length, 2)
    const ended = once(child, 'exit')
    for (const pid of tree) process.kill(pid, 'SIGKILL')
    await ended
    t.equal(memoryMb([child.pid!]), undefined, 'of one that is gone nothing is known')
    t.ok(memoryMb([process.pid])! > 10)
  },
)
