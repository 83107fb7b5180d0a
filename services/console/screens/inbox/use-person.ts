import { useState } from 'react'
import { keep, readKept } from '../../app/theme.ts'
import { useSession } from '../../data/session.ts'

const KEY = 'murmur.person'
const MAX_NAME = 100

/** Who acts: whoever is signed in; where nobody has to be, the name that was given to this browser. */
export function usePerson(): {
  person: string
  isNamed: boolean
  setName: ((name: string) => void) | undefined
} {
  const { data } = useSession()
  const [name, setName] = useState(() => readKept(KEY) ?? '')
  if (data?.auth === 'required') return { person: data.subject ?? '', isNamed: true, setName: undefined }
  return {
    person: name || data?.subject || 'anonymous',
    isNamed: name !== '',
    setName: (next) => {
      const text = next.trim().slice(0, MAX_NAME)
      keep(KEY, text)
      setName(text)
    },
  }
}
