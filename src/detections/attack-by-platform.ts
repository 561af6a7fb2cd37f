import type { AttackRef } from './attack.ts';
import { type Platform, programOf } from './platform.ts';
import type { ProcessEvent } from './process.ts';

const SHELL = 'T1059.004';
const PROC = 'T1003.007';

const made = new WeakMap<readonly AttackRef[], Map<string, readonly AttackRef[]>>();

/**
 * Techniques for the platform: Windows has no Unix shell, and only Linux has `/proc`. If the platform is unknown,
 * the kind's own. Always the same list for the same kind.
 */
export function onPlatform(
  refs: readonly AttackRef[],
  platform: Platform | undefined,
  event: ProcessEvent | undefined,
): readonly AttackRef[] {
  if (platform === undefined || platform === 'linux') return refs;
  if (!refs.some(({ technique }) => technique === SHELL || technique === PROC)) return refs;
  const shell = platform === 'windows' ? windowsShell(event) : SHELL;
  const known = made.get(refs) ?? new Map<string, readonly AttackRef[]>();
  made.set(refs, known);
  const list = known.get(shell) ?? refs.map((ref) => moved(ref, shell));
  known.set(shell, list);
  return list;
}

function moved(ref: AttackRef, shell: string): AttackRef {
  if (ref.technique === SHELL) return { ...ref, technique: shell };
  return ref.technique === PROC ? { ...ref, technique: 'T1003' } : ref;
}

/** PowerShell or the command shell, if one of them runs or is among the arguments. */
function windowsShell(event: ProcessEvent | undefined): string {
  const programs = [event?.exe, ...(event?.args ?? [])].map((one) =>
    one === undefined ? '' : programOf(one),
  );
  if (programs.some((program) => program === 'powershell' || program === 'pwsh')) return 'T1059.001';
  return programs.includes('cmd') ? 'T1059.003' : 'T1059';
}
