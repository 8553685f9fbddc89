/** A field's API name in plain words: `Escalation_Reason__c` is "Escalation reason"; a package's prefix is left out. */
export function fieldName(apiName: string): string {
  const bare = apiName.replace(/__c$/i, '').replace(/^[a-z0-9]+__/i, '')
  const words = bare.includes('_') ? bare.split(/_+/) : bare.split(/(?<=[a-z])(?=[A-Z])/)
  // SLA and kWp stay as they are.
  const text = words.map((word) => (/.[A-Z]/.test(word) ? word : word.toLowerCase())).join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
