import { z } from 'zod'
import { TOKEN_PATTERN } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'
import { type Plan, planSchema } from './plan.ts'

export const templateNameSchema = z.string().regex(TOKEN_PATTERN, {
  error: 'a name of a template must be 1 to 64 characters of A-Z a-z 0-9 _ -',
})
export const templateVersionSchema = z.int().min(1).max(999_999)

/** `weekly-report`, the newest version; or `weekly-report@3`. */
export const templateReferenceSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}(@[1-9]\d{0,5})?$/, {
  error: 'must be the name of a template, or a name with a version: weekly-report, weekly-report@3',
})

/** Takes a checked reference apart. Pure. */
export function parseTemplateReference(reference: string): { name: string; version?: number } {
  const [name = '', version] = reference.split('@', 2)
  return version === undefined ? { name } : { name, version: Number(version) }
}

export const PARAMETER_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'any'] as const

/** One field of the input that a template takes, as JSON Schema has it, as far as that goes. */
export const templateParameterSchema = z.strictObject({
  type: z.enum(PARAMETER_TYPES),
  description: z.string().max(500).optional(),
  /** What holds where a submission is silent. A parameter without one has to be given, unless it is optional. */
  default: jsonValueSchema.optional(),
  optional: z.boolean().optional(),
  /** Only one of these. */
  enum: z.array(jsonValueSchema).min(1).max(100).optional(),
  /** Of a number. */
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** Characters of a text, items of a list. */
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
})
export type TemplateParameter = z.infer<typeof templateParameterSchema>

const parametersSchema = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
      error: 'a parameter must be called by a letter, then up to 63 of A-Z a-z 0-9 _ -',
    }),
    templateParameterSchema,
  )
  .refine((parameters) => Object.keys(parameters).length <= LIMITS.templateParameters, {
    error: `at most ${LIMITS.templateParameters} parameters`,
  })

const contentFields = {
  name: templateNameSchema,
  description: z.string().max(2000).optional(),
  /** The input that it takes: other fields are refused. */
  parameters: parametersSchema.default({}),
  plan: planSchema,
  /** How long a task may take when its submission does not say. Milliseconds. */
  deadlineMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
}

/** A version of a template: what it says never changes. */
export const planTemplateSchema = z.object({
  ...contentFields,
  parameters: z.record(z.string(), templateParameterSchema),
  version: templateVersionSchema,
  /** Unix milliseconds. */
  createdAtMs: z.number(),
})
export type PlanTemplate = z.infer<typeof planTemplateSchema>

/** `murmur.templates.put`: a next version. What says the same as the newest one makes none. */
export const putTemplateRequestSchema = z.strictObject({
  ...contentFields,
  /** The version that this is to become: refused when it is another one by now. Without it: the next. */
  version: templateVersionSchema.describe('The version that it is to become.').optional(),
})
export type PutTemplateRequest = z.infer<typeof putTemplateRequestSchema>
export const putTemplateResponseSchema = z.object({
  template: planTemplateSchema,
  /** False: the newest version says the same already. */
  created: z.boolean(),
})
export type PutTemplateResponse = z.infer<typeof putTemplateResponseSchema>

/** `murmur.templates.get` */
export const getTemplateRequestSchema = z.strictObject({
  name: templateNameSchema,
  /** The newest, unless given. */
  version: templateVersionSchema.optional(),
})
export type GetTemplateRequest = z.infer<typeof getTemplateRequestSchema>
const versionInfoSchema = z.object({
  version: templateVersionSchema,
  description: z.string().optional(),
  createdAtMs: z.number(),
})
export const getTemplateResponseSchema = z.object({
  template: planTemplateSchema,
  /** All that there are of the name, newest first. */
  versions: z.array(versionInfoSchema),
})
export type GetTemplateResponse = z.infer<typeof getTemplateResponseSchema>

/** `murmur.templates.list`: by name. */
export const listTemplatesRequestSchema = z.strictObject({
  limit: z.int().min(1).max(500).default(50),
  /** Where the last page ended: its `nextCursor`. */
  cursor: templateNameSchema.optional(),
})
export type ListTemplatesRequest = z.infer<typeof listTemplatesRequestSchema>
/** The newest version of a name, in short. */
export const templateSummarySchema = versionInfoSchema.extend({
  name: templateNameSchema,
  /** How many versions there are. */
  versions: z.int(),
})
export type TemplateSummary = z.infer<typeof templateSummarySchema>
export const listTemplatesResponseSchema = z.object({
  templates: z.array(templateSummarySchema),
  nextCursor: z.string().optional(),
})
export type ListTemplatesResponse = z.infer<typeof listTemplatesResponseSchema>

/** `murmur.templates.delete`: nothing new is made of it; tasks that were made of it go on. Its number is never given again. */
export const deleteTemplateRequestSchema = z.strictObject({
  name: templateNameSchema,
  /** All of them, unless given. */
  version: templateVersionSchema.optional(),
})
export type DeleteTemplateRequest = z.infer<typeof deleteTemplateRequestSchema>
export const deleteTemplateResponseSchema = z.object({
  name: templateNameSchema,
  /** The versions that are gone. */
  versions: z.array(templateVersionSchema),
})
export type DeleteTemplateResponse = z.infer<typeof deleteTemplateResponseSchema>

/** The stream TEMPLATES: one message a version, which is written once; a mark in its place when it is deleted. */
export const storedTemplateSchema = z.union([
  z.object({ v: z.literal(1), tenant: z.string(), template: planTemplateSchema }),
  z.object({
    v: z.literal(1),
    tenant: z.string(),
    deleted: z.object({ name: templateNameSchema, version: templateVersionSchema }),
  }),
])
export type StoredTemplate = z.infer<typeof storedTemplateSchema>

const plan: Plan = {
  steps: [
    { id: 'read', agent: 'ingest', input: { name: 'notes.txt', text: { $from: 'input.text' } } },
    {
      id: 'count',
      agent: 'word-count',
      needs: ['read'],
      input: { text: { $from: 'steps.read.output.text.content' } },
    },
  ],
}
export const planTemplateExample: PlanTemplate = {
  name: 'count-notes',
  version: 2,
  description: 'Reads notes and counts their words.',
  parameters: {
    text: { type: 'string', description: 'The notes.', maxLength: 100_000 },
    title: { type: 'string', default: 'Notes' },
  },
  plan,
  createdAtMs: 1_790_000_000_000,
}
export const templateSummaryExample: TemplateSummary = {
  name: 'count-notes',
  version: 2,
  versions: 2,
  description: 'Reads notes and counts their words.',
  createdAtMs: 1_790_000_000_000,
}
