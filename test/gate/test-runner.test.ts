import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findTestFiles, type RunnerOptions, runTestFiles, sumTallies } from './test-runner.ts'

const FILES = {
  passes: `t.test('a', async (t) => { t.pass('fine'); t.pass() }); t.ok(true, { skip: 'later' }); t.todo('more')`,
  fails: `t.pass(); console.error('what it wrote'); t.equal(1, 2, 'wrong')`,
  breaks: `import './nowhere.ts'`,
  empty: ``,
  hangs: `t.pass(); t.end(); setInterval(() => {}, 1000)`,
  dies: `t.pass(); process.kill(process.pid, 'SIGKILL')`,
}

t.test('a line for a passed file, all output before that of a failed one', async (t) => {
  const { run, lines } = workshop(t)
  const outcomes = await run(['passes', 'fails'], { jobs: 1 })
  t.match(outcomes, [
    { files: ['passes.test.ts'], passed: 2, failed: 0, skipped: 2 },
    { files: ['fails.test.ts'], passed: 1, failed: 1, skipped: 0 },
  ])
  t.strictSame(sumTallies(outcomes), { passed: 3, failed: 1, skipped: 2 })
  t.match(lines, [/^✓ passes\.test\.ts \(\d+\.\d s\)$/, /not ok 2 - wrong/, /^✗ fails\.test\.ts/])
  t.match(lines[1], /what it wrote/)
  t.equal(lines.length, 3)
})

t.test('a file that breaks without a failed assertion has failed, and says why', async (t) => {
  const { run, lines } = workshop(t)
  const outcomes = await run(['breaks', 'empty', 'dies'], { jobs: 3 })
  t.strictSame(
    outcomes.map(({ failed }) => failed),
    [1, 1, 1],
  )
  const told = lines.join('\n')
  t.match(told, /ERR_MODULE_NOT_FOUND/)
  t.match(told, /breaks\.test\.ts: ended with exit code 1/)
  t.match(told, /empty\.test\.ts: has run no test/)
  t.match(told, /dies\.test\.ts: ended with SIGKILL/)
})

t.test('a process that its tests have left running is ended, and has failed', async (t) => {
  const { run, lines } = workshop(t)
  const [outcome] = await run(['hangs'], { jobs: 1, exitGraceMs: 100 })
  t.equal(outcome!.failed, 1)
  t.ok(lines.includes('hangs.test.ts: its process did not end within 0.1 s after its tests'))
})

t.test('files run at the same time, and their outcomes are in order', async (t) => {
  const { run, root } = workshop(t)
  // Each waits for the file that the other one writes: alone neither would end.
  const waitsFor = (own: string, other: string) => `
    import { existsSync, watch, writeFileSync } from 'node:fs'
    t.test('meets the other', async (t) => {
      const watcher = watch('.')
      const met = new Promise((resolve) => watcher.on('change', () => existsSync('${other}') && resolve()))
      writeFileSync('${own}', '')
      if (!existsSync('${other}')) await met
      watcher.close()
      t.pass()
    })`
  write(root, 'left', waitsFor('left.met', 'right.met'))
  write(root, 'right', waitsFor('right.met', 'left.met'))
  const outcomes = await run(['left', 'passes', 'right'], { jobs: 3 })
  t.ok(existsSync(join(root, 'left.met')))
  t.strictSame(
    outcomes.map(({ files, failed }) => [files[0], failed]),
    [
      ['left.test.ts', 0],
      ['passes.test.ts', 0],
      ['right.test.ts', 0],
    ],
  )
})

t.test('a group that takes all slots has nothing beside it, and those that fit pass it by', async (t) => {
  const { run, root } = workshop(t)
  const notes = join(root, 'notes')
  const noting = (name: string) => `
    import { appendFileSync } from 'node:fs'
    t.test('begins and ends', async (t) => {
      appendFileSync(${JSON.stringify(notes)}, '+${name} ')
      await new Promise((resolve) => setImmediate(resolve))
      appendFileSync(${JSON.stringify(notes)}, '-${name} ')
      t.pass()
    })`
  for (const name of ['one', 'two', 'wide']) write(root, name, noting(name))
  const slotsOf = ([file]: readonly string[]) => (file === 'wide.test.ts' ? 9 : 1)
  const outcomes = await run(['one', 'wide', 'two'], { jobs: 2, slotsOf })
  t.strictSame(
    outcomes.map(({ files, passed }) => [files[0], passed]),
    [
      ['one.test.ts', 1],
      ['wide.test.ts', 1],
      ['two.test.ts', 1],
    ],
  )
  t.match(readFileSync(notes, 'utf8'), / \+wide -wide $/)
})

t.test('files that share a process are told apart where one fails', async (t) => {
  const { run, root, lines } = workshop(t)
  write(root, 'also', `t.test('b', async (t) => { await null; t.pass(); t.pass() })`)
  const [together] = await run(['passes+also'], { jobs: 1 })
  t.match(together, { files: ['passes.test.ts', 'also.test.ts'], passed: 4, failed: 0, skipped: 2 })
  t.match(lines.splice(0), [/^✓ passes\.test\.ts and 1 more, to also\.test\.ts \(/])
  for (const other of ['fails', 'breaks', 'dies']) {
    const outcomes = await run([`also+${other}+passes`], { jobs: 1 })
    t.strictSame(
      outcomes.map(({ files, failed }) => [files.join(), failed]),
      [
        ['also.test.ts', 0],
        [`${other}.test.ts`, 1],
        ['passes.test.ts', 0],
      ],
    )
    t.match(
      lines.splice(0)[0],
      /^also\.test\.ts and 2 more, to passes\.test\.ts failed together; one by one:$/,
    )
  }
})

t.test('names of tests: files, folders, patterns, all of them', async (t) => {
  const root = t.testdir({
    test: { 'b.test.ts': '', a: { 'c.test.ts': '', 'd.long.test.ts': '', 'fixture.ts': '' } },
  })
  const all = ['test/a/c.test.ts', 'test/a/d.long.test.ts', 'test/b.test.ts']
  t.strictSame(findTestFiles(root, []), all)
  t.strictSame(findTestFiles(root, ['test']), all)
  t.strictSame(findTestFiles(root, ['test/a/', 'test/a/c.test.ts']), all.slice(0, 2))
  t.strictSame(findTestFiles(root, ['test/**/c*.test.ts', './test/b.test.ts']), [all[0], all[2]])
  t.throws(() => findTestFiles(root, ['test/x.test.ts']), {
    name: 'UnknownTestError',
    message: 'no such test: test/x.test.ts',
  })
})

function workshop(t: Test) {
  // Inside the project, where `tap` is found.
  const root = t.testdir({})
  mkdirSync(root, { recursive: true })
  for (const [name, code] of Object.entries(FILES)) write(root, name, code)
  const lines: string[] = []
  /** Names of one process are joined by a plus. */
  const run = (names: string[], options: Pick<RunnerOptions, 'jobs' | 'exitGraceMs' | 'slotsOf'>) =>
    runTestFiles(
      names.map((group) => group.split('+').map((name) => `${name}.test.ts`)),
      { root, env: process.env, print: (line) => lines.push(line), ...options },
    )
  return { root, lines, run }
}

function write(root: string, name: string, code: string): void {
  writeFileSync(join(root, `${name}.test.ts`), `import t from 'tap'\n${code}\n`)
}
