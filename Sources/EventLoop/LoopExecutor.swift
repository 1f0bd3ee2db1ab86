/// The loop. (Placeholder of the skeleton.)
package final class LoopExecutor {
  package init() {}
}
