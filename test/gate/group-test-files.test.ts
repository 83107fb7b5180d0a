import t from 'tap'
import { ROOT } from '../support/source-files.ts'
import { groupTestFiles } from './group-test-files.ts'
import { findTestFiles } from './test-runner.ts'

const TEST = `import t from 'tap'\nt.test('a', async (t) => t.pass())\n`

t.test('tests of pure code share processes, those that reach outside have their own', (t) => {
  const root = t.testdir({
    test: {
      'pure.test.ts': TEST,
      'types.test.ts': `import { a } from './support/pure.ts'\n${TEST}`,
      'spawns.test.ts': `import { spawn } from 'node:child_process'\n${TEST}`,
      'listens.test.ts': `import { b } from './support/servers.ts'\n${TEST}`,
      'settings.test.ts': `${TEST}process.env.A = '1'\n`,
      'hooks.test.ts': `t.beforeEach(() => {})\n${TEST}`,
      'empty.test.ts': `import t from 'tap'\n`,
      'stack.test.ts': `import { c } from '../deploy/local/stack.ts'\n${TEST}`,
      support: {
        'pure.ts': `import { other } from './more.ts'\nexport const a = 1`,
        'more.ts': `import { a } from './pure.ts'\nexport const other = 1`,
        'servers.ts': `import { connect } from './deep.ts'`,
        'deep.ts': `import { createServer } from 'net'`,
      },
    },
  })
  const names = ['pure', 'spawns', 'types', 'listens', 'settings', 'hooks', 'empty', 'stack']
  const groups = groupTestFiles(
    root,
    names.map((name) => `test/${name}.test.ts`),
  )
  t.strictSame(groups, [
    ...['spawns', 'listens', 'settings', 'hooks', 'empty', 'stack'].map((name) => [`test/${name}.test.ts`]),
    ['test/pure.test.ts', 'test/types.test.ts'],
  ])
  t.end()
})

t.test('groups are small and of like size, and no file is lost', (t) => {
  const files = findTestFiles(ROOT, [])
  const groups = groupTestFiles(ROOT, files)
  t.strictSame(groups.flat().toSorted(), files)
  const sizes = groups.filter((group) => group.length > 1).map((group) => group.length)
  t.ok(Math.max(...sizes) <= 16, `${Math.max(...sizes)} files`)
  t.ok(Math.min(...sizes) >= 8, `${Math.min(...sizes)} files`)
  t.ok(groups.length < files.length / 2, `${groups.length} processes for ${files.length} files`)
  t.end()
})
