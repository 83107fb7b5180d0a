import { useId, useState } from 'react'
import { Icon } from '../../components/icon.tsx'
import { emptyValue, kindOfField, withField } from './form-kinds.ts'
import type { FormSchema } from './form-schema.ts'

/** A form for a value of a schema. What is left empty is left out. */
export function SchemaForm({
  schema,
  value,
  onChange,
}: {
  schema: FormSchema
  value: Readonly<Record<string, unknown>>
  onChange: (value: Record<string, unknown>) => void
}) {
  const required = new Set(schema.required ?? [])
  const names = Object.keys(schema.properties ?? {})
  const shown = names.filter((name) => required.has(name) || value[name] !== undefined)
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set())
  const visible = names.filter((name) => shown.includes(name) || added.has(name))
  const more = names.filter((name) => !visible.includes(name))
  return (
    <div className="stack">
      {visible.map((name) => (
        <Field
          key={name}
          name={name}
          schema={schema.properties![name]!}
          isRequired={required.has(name)}
          value={value[name]}
          onChange={(next) => onChange(withField(value, name, next))}
        />
      ))}
      {more.length > 0 && (
        <select
          className="input add-field"
          aria-label="Add a field"
          value=""
          onChange={(event) => {
            setAdded(new Set([...added, event.target.value]))
            const next = emptyValue(schema.properties![event.target.value]!)
            if (next !== undefined && next !== '') onChange(withField(value, event.target.value, next))
          }}
        >
          <option value="">Add a field…</option>
          {more.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </div>
  )
}

interface FieldProps {
  name: string
  schema: FormSchema
  isRequired: boolean
  value: unknown
  onChange: (value: unknown) => void
}

function Field(props: FieldProps) {
  const { name, schema, isRequired, value, onChange } = props
  const kind = kindOfField(schema)
  if (kind === 'object')
    return (
      <fieldset className="group">
        <legend>{name}</legend>
        <SchemaForm schema={schema} value={(value ?? {}) as Record<string, unknown>} onChange={onChange} />
      </fieldset>
    )
  if (kind === 'list') return <ListField {...props} />
  const label = (
    <span>
      {name} {!isRequired && <span className="dim">optional</span>}
    </span>
  )
  const about = schema.description && <span className="dim small">{schema.description}</span>
  if (kind === 'boolean')
    return (
      <label className="check">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />{' '}
        {name} {about}
      </label>
    )
  if (kind === 'choice')
    return (
      <label className="field">
        {label}
        <select
          value={String(value ?? '')}
          onChange={(event) => onChange(schema.enum!.find((one) => String(one) === event.target.value))}
        >
          {!isRequired && <option value="">(as by default)</option>}
          {schema.enum!.map((one) => (
            <option key={String(one)}>{String(one)}</option>
          ))}
        </select>
        {about}
      </label>
    )
  if (kind === 'json') return <JsonField {...props} />
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is inside
    <label className="field">
      {label}
      {kind === 'long-text' ? (
        <textarea
          rows={4}
          value={String(value ?? '')}
          required={isRequired}
          onChange={(event) => onChange(event.target.value || undefined)}
        />
      ) : (
        <input
          type={kind === 'number' ? 'number' : 'text'}
          step={schema.type === 'integer' ? 1 : 'any'}
          min={schema.minimum}
          max={schema.maximum}
          maxLength={schema.maxLength}
          required={isRequired}
          placeholder={schema.default === undefined ? undefined : String(schema.default)}
          value={value === undefined ? '' : String(value)}
          onChange={({ target }) =>
            onChange(
              target.value === ''
                ? isRequired && kind === 'text'
                  ? ''
                  : undefined
                : kind === 'number'
                  ? Number(target.value)
                  : target.value,
            )
          }
        />
      )}
      {about}
    </label>
  )
}

function ListField({ name, schema, value, onChange }: FieldProps) {
  const list = Array.isArray(value) ? value : []
  return (
    <fieldset className="group">
      <legend>{name}</legend>
      <div className="stack">
        {list.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no names
          <div key={index} className="list-entry">
            <Field
              name={`${name} ${index + 1}`}
              schema={schema.items!}
              isRequired
              value={each}
              onChange={(next) => onChange(list.map((one, at) => (at === index ? next : one)))}
            />
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${name} ${index + 1}`}
              onClick={() => onChange(list.filter((_, at) => at !== index))}
            >
              <Icon name="x" />
            </button>
          </div>
        ))}
        <button
          type="button"
          className="button small"
          onClick={() => onChange([...list, emptyValue(schema.items!) ?? {}])}
        >
          <Icon name="plus" size={12} /> Add to {name}
        </button>
      </div>
    </fieldset>
  )
}

/** What a form can not say. What is no JSON (yet) is not taken. */
function JsonField({ name, schema, isRequired, value, onChange }: FieldProps) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const [fault, setFault] = useState<string>()
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>
        {name} <span className="dim">JSON{isRequired ? '' : ', optional'}</span>
      </label>
      <textarea
        id={id}
        rows={Math.min(14, Math.max(3, text.split('\n').length))}
        spellCheck={false}
        aria-invalid={fault !== undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          try {
            onChange(event.target.value.trim() === '' ? undefined : JSON.parse(event.target.value))
            setFault(undefined)
          } catch (error) {
            setFault((error as Error).message)
          }
        }}
      />
      {schema.description && <span className="dim small">{schema.description}</span>}
      {fault && <span className="field-error">{fault}</span>}
    </div>
  )
}
