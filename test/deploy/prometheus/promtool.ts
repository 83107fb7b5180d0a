import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { committedRules, runProgram } from '../../support/prometheus.ts'

/**
 * Runs unit tests of the committed rules. They are one group here: what is recorded is there for the alerts of the same moment, in
 * whatever steps time goes.
 * @param only the groups whose name has this in it
 * @returns what promtool says of those that fail; undefined when none does
 */
export async function failuresOf(
  tests: readonly object[],
  evaluation: string,
  only = '',
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-rules-'))
  try {
    const groups = [...committedRules()]
      // Recording rules first.
      .toSorted(([a], [b]) => (a < b ? 1 : -1))
      .flatMap(([, file]) => file.groups)
      .filter(({ name }) => name.includes(only))
    const rules = join(folder, 'rules.yaml')
    writeFileSync(
      rules,
      stringify({ groups: [{ name: 'all', rules: groups.flatMap((group) => group.rules) }] }),
    )
    const file = join(folder, 'tests.yaml')
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: evaluation, tests }))
    const { code, output } = await runProgram('promtool', ['test', 'rules', file])
    return code === 0 ? undefined : output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
