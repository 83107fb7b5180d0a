import '../submit/submit.css'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { PlanTemplate } from '#schemas/plan-template.ts'
import type { TaskState } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { type FormSchema, formOf, formOfTemplate } from '../submit/form-schema.ts'
import { SchemaForm } from '../submit/schema-form.tsx'

/** The input of a task as a form of its type or template. A part of its own: the schemas are large. */
export default function TaskInputForm({
  task,
  value,
  onChange,
}: {
  task: Pick<TaskState, 'type' | 'template'>
  value: Readonly<Record<string, unknown>>
  onChange: (value: Record<string, unknown>) => void
}) {
  const name = task.template?.split('@')[0]
  const template = useQuery({
    queryKey: ['template', name],
    enabled: name !== undefined,
    queryFn: ({ signal }) =>
      ask(api.GET('/v1/templates/{name}', { params: { path: { name: name! } }, signal })),
  })
  const schema = useMemo((): FormSchema | undefined => {
    if (task.type === 'report' || task.type === 'monitor') return formOf(task.type).schema
    const parameters = (template.data as { template?: PlanTemplate } | undefined)?.template?.parameters
    return parameters && formOfTemplate(parameters)
  }, [task.type, template.data])
  if (!schema)
    return <p className="dim">{template.isLoading ? 'Loading…' : 'There is no form for it: use JSON.'}</p>
  return <SchemaForm schema={schema} value={value} onChange={onChange} />
}
