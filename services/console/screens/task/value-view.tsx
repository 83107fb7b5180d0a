import { useMemo, useState } from 'react'
import { JsonTree } from '../../components/json-tree.tsx'
import { blobsIn, tableOf, textOf } from './value-kinds.ts'

const MAX_CELLS = 200

/** Any value of a task, as what it is: a table, a text, pictures and files it refers to, or JSON. */
export function ValueView({ value, name }: { value: unknown; name: string }) {
  const table = useMemo(() => tableOf(value), [value])
  const text = useMemo(() => textOf(value), [value])
  const blobs = useMemo(() => blobsIn(value), [value])
  const kinds = [...(table ? ['Table'] : []), ...(text !== undefined ? ['Text'] : []), 'JSON']
  const [chosen, setChosen] = useState<string>()
  const shown = chosen !== undefined && kinds.includes(chosen) ? chosen : kinds[0]!
  if (value === undefined) return <p className="dim">None.</p>
  return (
    <div className="value">
      {kinds.length > 1 && (
        <div className="segmented" role="group" aria-label={`View of the ${name}`}>
          {kinds.map((kind) => (
            <button key={kind} type="button" aria-pressed={kind === shown} onClick={() => setChosen(kind)}>
              {kind}
            </button>
          ))}
        </div>
      )}
      {blobs.map((blob) => (
        <BlobView key={blob.blob} {...blob} />
      ))}
      {shown === 'Table' && table ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables are scrolled with the keyboard
        <div className="value-table" tabIndex={0} role="region" aria-label={name}>
          <table>
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.slice(0, MAX_CELLS).map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names, and do not move
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={table.columns[at]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {table.rows.length > MAX_CELLS && (
            <p className="dim">{table.rows.length - MAX_CELLS} rows more: see JSON.</p>
          )}
        </div>
      ) : shown === 'Text' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long texts are scrolled with the keyboard
        <pre className="value-text" tabIndex={0}>
          {text}
        </pre>
      ) : (
        <JsonTree value={value} name={name} />
      )}
    </div>
  )
}

function BlobView({
  blob,
  contentType,
  size,
  name,
}: {
  blob: string
  contentType: string
  size: number
  name?: string | undefined
}) {
  const url = `/v1/objects/${blob.split('/').map(encodeURIComponent).join('/')}`
  const title = name ?? blob
  return (
    <figure className="value-blob">
      {/^image\/(png|jpeg|webp|gif|avif)/.test(contentType) && <img src={url} alt={title} loading="lazy" />}
      {contentType.startsWith('video/') && (
        // biome-ignore lint/a11y/useMediaCaption: recordings of cameras have no words
        <video src={url} controls preload="metadata" />
      )}
      <figcaption>
        <a href={url} download={name ?? true}>
          {title}
        </a>{' '}
        <span className="dim">
          {contentType}, {size.toLocaleString('en')} bytes
        </span>
      </figcaption>
    </figure>
  )
}
