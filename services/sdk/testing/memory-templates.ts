import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  type PlanTemplate,
  type PutTemplateRequest,
  parseTemplateReference,
  putTemplateRequestSchema,
} from '#schemas/plan-template.ts'
import { assertTemplate } from '#workflow/plan/template-input.ts'

/** A template as it is put. */
export type TestTemplate = Pick<PutTemplateRequest, 'name' | 'plan'> & Partial<PutTemplateRequest>

/** Templates in memory. */
export class MemoryTemplates {
  readonly #versions = new Map<string, PlanTemplate[]>()

  /** @returns its version. @throws MurmurError what a template is refused for */
  put(template: TestTemplate): number {
    const parsed = putTemplateRequestSchema.safeParse(template)
    if (!parsed.success)
      throw new MurmurError('INVALID_REQUEST', parsed.error.issues.map(({ message }) => message).join('; '))
    assertTemplate(parsed.data)
    const versions = this.#versions.get(parsed.data.name) ?? []
    versions.push({ ...parsed.data, version: versions.length + 1, createdAtMs: 0 })
    this.#versions.set(parsed.data.name, versions)
    return versions.length
  }

  /** The version that is named, or the newest. @throws MurmurError TEMPLATE_NOT_FOUND */
  find(reference: string): PlanTemplate {
    const { name, version } = parseTemplateReference(reference)
    const found = (this.#versions.get(name) ?? []).at(version === undefined ? -1 : version - 1)
    if (found) return found
    throw new MurmurError(
      'TEMPLATE_NOT_FOUND',
      `there is no template "${reference}" in this test environment: give createTestEnvironment({ templates: [...] }), or call env.template`,
    )
  }
}
