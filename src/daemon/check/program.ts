import { type Finding, fine, wrong } from '../../finding.ts';

/** As package.json has it. */
const OLDEST_NODE = 20;

/** The program and the Node that runs it. */
export function checkProgram(version: string, node: string): Finding {
  if (Number.parseInt(node, 10) >= OLDEST_NODE)
    return fine('program.node', `dialogd ${version} on Node ${node}`);
  return wrong(
    'program.node',
    `Node ${node} is too old for dialogd ${version}`,
    `install Node ${OLDEST_NODE} or newer, then: dialogctl service install`,
  );
}
