import { execFileSync, spawnSync } from 'node:child_process'
import { Argument, Command, Option } from 'commander'
import t from 'tap'
import { completeWords } from '../../services/cli/completion/complete-words.ts'
import { COMPLETION_SCRIPTS } from '../../services/cli/completion/shell-scripts.ts'
import { ROOT } from '../support/source-files.ts'

const program = new Command('murmur').option('--json', 'as JSON').option('--nats <url>', 'where')
program.command('show').argument('<id>').option('--out <file>')
program.command('report').argument('<files...>')
program.command('shell').addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
const alerts = program
  .command('alerts')
  .addOption(new Option('--severity <severity>').choices(['high', 'low']))
alerts.command('ack').description('take care').argument('<id>')
alerts.command('resolve').argument('<id>')

const words = (...typed: string[]) => {
  const found = completeWords(program, typed)
  return found.kind === 'words' ? found.words.map(({ word }) => word) : found
}

t.test('what fits where the cursor is', async (t) => {
  t.strictSame(words(''), ['show', 'report', 'shell', 'alerts'])
  t.strictSame(words('s'), ['show', 'shell'])
  t.strictSame(words('alerts', ''), ['ack', 'resolve'])
  t.strictSame(words('alerts', '--'), ['--json', '--nats', '--severity'], 'options of all that is open')
  t.strictSame(words('alerts', '--severity', ''), ['high', 'low'])
  t.strictSame(words('alerts', '--severity', 'h'), ['high'])
  t.strictSame(words('--nats', 'alerts', 'sh'), ['show', 'shell'], 'the value of an option is no command')
  t.strictSame(words('--nats', ''), [])
  t.strictSame(words('--json', 'shell', 'z'), ['zsh'])
  t.strictSame(words('show', ''), { kind: 'ids', of: 'task' })
  t.strictSame(words('alerts', 'ack', 'x'), { kind: 'ids', of: 'alert' })
  t.strictSame(words('show', 'id', ''), [], 'one id is enough')
  t.strictSame(words('show', '--out', ''), { kind: 'files' })
  t.strictSame(words('report', 'a', 'b', ''), { kind: 'files' }, 'as many as there are')
  t.strictSame(words('no-such', ''), [])
})

t.test('bash asks the program, and takes files where files fit', async (t) => {
  const script = `
    murmur() { "${process.execPath}" "${ROOT}/services/cli/main.ts" "$@"; }
    ${COMPLETION_SCRIPTS.bash}
    try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _murmur murmur; echo "\${COMPREPLY[*]}"; }
    try murmur ale; try murmur alerts --severity h; try murmur report x; try murmur "a b" "c'd"`
  const env = { ...process.env, MURMUR_HOME: t.testdir() }
  const out = execFileSync('bash', ['-c', script], { encoding: 'utf8', env })
  t.strictSame(out.split('\n'), ['alerts', 'high', '', '', ''])
})

for (const [shell, check] of [
  ['zsh', '-n'],
  ['fish', '--no-execute'],
] as const) {
  const isHere = spawnSync(shell, ['--version']).error === undefined
  t.test(`${shell} can read its script`, { skip: !isHere && `no ${shell} here` }, async (t) => {
    const dir = t.testdir({ script: COMPLETION_SCRIPTS[shell] })
    t.equal(spawnSync(shell, [check, `${dir}/script`]).status, 0)
  })
}
