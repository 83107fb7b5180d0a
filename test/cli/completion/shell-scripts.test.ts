import { execFileSync, spawnSync } from 'node:child_process'
import t from 'tap'
import { COMPLETION_SCRIPTS } from '../../../services/cli/completion/shell-scripts.ts'
import { ROOT } from '../../support/source-files.ts'

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
