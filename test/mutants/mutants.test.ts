import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { applyMutant, type Mutant } from './mutant.ts'
import { MUTANTS } from './mutant-list.ts'

t.test('the list is in step with the sources: every mutant finds its line, once', async (t) => {
  for (const mutant of MUTANTS) {
    const path = join(projectRoot, mutant.file)
    if (!existsSync(path)) {
      t.fail(`mutant ${mutant.name}: there is no ${mutant.file}`)
      continue
    }
    const text = readFileSync(path, 'utf8')
    try {
      const mutated = applyMutant(text, mutant)
      t.not(mutated, text, mutant.name)
      // One that can't even be read would be killed by anything.
      if (mutant.file.endsWith('.ts')) stripTypeScriptTypes(mutated)
    } catch (error) {
      t.fail((error as Error).message)
    }
    for (const test of mutant.tests) t.ok(existsSync(join(projectRoot, test)), `${mutant.name}: ${test}`)
  }
})

t.test('there are enough of them, each with a name of its own', async (t) => {
  t.ok(MUTANTS.length >= 60, `${MUTANTS.length} mutants`)
  t.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
  const explained = MUTANTS.filter(({ survives }) => survives !== undefined)
  t.ok(explained.length <= MUTANTS.length * 0.05, `${explained.length} can't be killed`)
})

t.test('a mutant is applied where its text is, whatever its line breaks, and nowhere else', async (t) => {
  const mutant: Mutant = { name: 'x', file: 'f', find: 'if (a) b()', replace: '', why: '', tests: [] }
  t.equal(applyMutant('start\nif (a)\n    b()\nend', mutant), 'start\n\nend')
  t.throws(() => applyMutant('if (c) b()', mutant), /0 times/)
  t.throws(() => applyMutant('if (a) b() if (a) b()', mutant), /2 times/)
  t.throws(() => applyMutant('if (a).b()', mutant), /0 times/, 'nothing of it is a pattern')
})
