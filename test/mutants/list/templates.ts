import type { Mutant } from '../mutant.ts'

const TEMPLATES = 'services/orchestrator/plan/plan-templates.ts'
const INDEX = 'services/orchestrator/plan/template-index.ts'
const INPUT = 'services/workflow/plan/template-input.ts'
const TEMPLATE_TESTS = ['test/orchestrator/plan/plan-templates.test.ts'] as const
const INDEX_TESTS = ['test/orchestrator/plan/template-index.test.ts'] as const
const INPUT_TESTS = ['test/workflow/plan/template-input.test.ts'] as const

/** Plan templates: a version is written once, and everybody finds it. */
export const TEMPLATE_MUTANTS: readonly Mutant[] = [
  {
    name: 'versions-written-over',
    file: TEMPLATES,
    find: '        expectedLastSeq: 0,',
    replace: '',
    why: 'Of two who write the same version at the same time one is told that it was stored, and it is not.',
    tests: TEMPLATE_TESTS,
  },
  {
    name: 'newest-as-known-here',
    file: TEMPLATES,
    find: 'if (version === undefined || !this.#index.find(tenant, name, version)) await this.#refresh(tenant, name)',
    replace: '',
    why: 'A task is made of an older version than the one that was put before.',
    tests: TEMPLATE_TESTS,
  },
  {
    name: 'numbers-given-again',
    file: INDEX,
    find: 'if (of.versions.delete(version)) tenant.kept-- else tenant.written++ of.last = Math.max(of.last, version)',
    replace: 'of.versions.delete(version)',
    why: 'A number names two versions, one after the other.',
    tests: INDEX_TESTS,
  },
  {
    name: 'one-list-for-all-tenants',
    file: INDEX,
    find: 'this.#tenants.set(stored.tenant, tenant)',
    replace: "this.#tenants.set('north', tenant)",
    why: 'A tenant uses what another one has written.',
    tests: INDEX_TESTS,
  },
  {
    name: 'unknown-input-is-taken',
    file: INPUT,
    find: 'for (const field of Object.keys(given))',
    replace: 'for (const field of Object.keys(given).slice(0, 0))',
    why: 'A field with a slip in its name is left out in silence.',
    tests: INPUT_TESTS,
  },
]
