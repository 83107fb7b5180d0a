export default function SubmitScreen() {
  return <div className="page">submit</div>
}
