import { useState } from 'react'

/** Where nobody signs in: the name under which this browser reviews and answers. */
export function PersonField({ person, setName }: { person: string; setName: (name: string) => void }) {
  const [text, setText] = useState(person === 'anonymous' ? '' : person)
  return (
    <label className="row person">
      <span className="dim">You are</span>
      <input
        className="input"
        maxLength={100}
        value={text}
        placeholder="anonymous"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => setName(text)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}
