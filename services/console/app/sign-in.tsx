import { type FormEvent, useState } from 'react'
import { ErrorPanel } from '../components/error-panel.tsx'
import { type ProblemError, toProblemError } from '../data/problem.ts'
import { type SessionView, useSignIn } from '../data/session.ts'

export default function SignIn({ session }: { session: SessionView }) {
  const { signIn } = useSignIn()
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setBusy] = useState(false)
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const credential = String(new FormData(event.currentTarget).get('credential') ?? '').trim()
    setBusy(true)
    setProblem(undefined)
    try {
      await signIn(credential)
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <main className="alone">
      <form className="card sign-in" onSubmit={(event) => void onSubmit(event)}>
        <h1>Sign in to Murmuration</h1>
        <p className="dim">
          This edge asks who you are. Your key or token is sent to it once; your browser then keeps a sealed
          cookie for at most 12 hours, which no script can read.
        </p>
        <label className="field">
          <span>API key or access token</span>
          <input
            name="credential"
            type="password"
            autoComplete="current-password"
            required
            maxLength={8192}
            // biome-ignore lint/a11y/noAutofocus: the page has nothing else
            autoFocus
            spellCheck={false}
          />
        </label>
        {problem && <ErrorPanel problem={problem} />}
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="dim">
          Keys are made with <code>murmur keys create</code>
          {session.issuers?.length ? (
            <>
              ; tokens come from {session.issuers.join(', ')} (<code>murmur login</code>)
            </>
          ) : null}
          .
        </p>
      </form>
    </main>
  )
}
