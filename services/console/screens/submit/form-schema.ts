import { z } from 'zod'
import { monitorRequestExample, monitorRequestSchema } from '#schemas/monitor-request.ts'
import type { TemplateParameter } from '#schemas/plan-template.ts'
import { reportRequestExample, reportRequestSchema } from '#schemas/report.ts'

/** A JSON schema, as far as a form can be made of it. */
export interface FormSchema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, FormSchema>>
  readonly required?: readonly string[]
  readonly items?: FormSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

export interface TaskForm {
  readonly schema: FormSchema
  readonly example: Readonly<Record<string, unknown>>
}

/** Forms of the types of task that come with the product: made of the very schemas that the orchestrator checks by. */
export function formOf(type: 'report' | 'monitor'): TaskForm {
  const convert = (schema: z.ZodType) =>
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as FormSchema
  return type === 'report'
    ? { schema: convert(reportRequestSchema), example: reportRequestExample }
    : { schema: convert(monitorRequestSchema), example: monitorRequestExample as Record<string, unknown> }
}

/** The form of what a template takes. Pure. */
export function formOfTemplate(parameters: Readonly<Record<string, TemplateParameter>>): FormSchema {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, { type, optional: _optional, ...rest }]) => [
      name,
      { ...(type !== 'any' && { type }), ...rest } as FormSchema,
    ]),
  )
  const required = Object.entries(parameters)
    .filter(([, parameter]) => parameter.optional !== true && parameter.default === undefined)
    .map(([name]) => name)
  return { type: 'object', properties, required }
}
