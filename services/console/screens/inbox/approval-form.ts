import type { ApprovalField } from '#schemas/approval.ts'

/** What stands in the fields: text as it was typed, booleans as they are. */
export type FormState = Readonly<Record<string, string | boolean>>

/** Pure. */
export function emptyForm(fields: readonly ApprovalField[]): FormState {
  return Object.fromEntries(fields.map(({ name, type }) => [name, type === 'boolean' ? false : '']))
}

/** The values of a form, or what is wrong with them by field. Pure. */
export function readForm(
  fields: readonly ApprovalField[],
  form: FormState,
): { values: Record<string, string | number | boolean>; faults: Record<string, string> } {
  const values: Record<string, string | number | boolean> = {}
  const faults: Record<string, string> = {}
  for (const { name, type, required, choices } of fields) {
    const given = form[name] ?? ''
    if (type === 'boolean') {
      values[name] = given === true
      continue
    }
    const text = String(given).trim()
    if (text === '') {
      if (required) faults[name] = 'is needed'
    } else if (type === 'number' || type === 'integer') {
      const number = Number(text)
      if (!Number.isFinite(number)) faults[name] = 'must be a number'
      else if (type === 'integer' && !Number.isInteger(number)) faults[name] = 'must be a whole number'
      else values[name] = number
    } else if (type === 'choice' && !choices?.includes(text)) faults[name] = 'is none of the choices'
    else values[name] = text
  }
  return { values, faults }
}

/** JSON that somebody has changed, or what is wrong with it. Pure. */
export function readSubject(text: string): { subject: unknown } | { fault: string } {
  try {
    return { subject: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: (error as Error).message }
  }
}
