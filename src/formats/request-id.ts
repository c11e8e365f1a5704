/** Lambda's are UUIDs. What is none of letters, digits and hyphens is somebody's text, which no rule has seen. */
const ID = /^[\w-]{1,100}$/;

/** Whether a text can be the id of a request. */
export function isId(requestId: string): boolean {
  return ID.test(requestId);
}
