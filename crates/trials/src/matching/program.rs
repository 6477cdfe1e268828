//! How are answers joined?
//!
//! A demand is its expression in postfix order over the numbers of its asks. Three Kleene truths run through it side by
//! side: the truth now with the kinds of its reasons, the truth by what lasts alone, and what no later day can change.

use concilium_criteria::eligibility::Brief;
use concilium_terms::Truth;

/// Number of a distinct ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AskId(pub u32);

impl AskId {
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    /// Push an answer.
    Ask(AskId),
    /// Push an answer that is the same for everybody.
    Is(Brief),
    /// Turn the top.
    Not,
    /// Join the upper so many.
    All(u32),
    Any(u32),
    AtLeast(u32, u32),
}

/// What a demand, or a part of it, comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Now.
    pub now: Brief,
    /// By what lasts alone; what may change is open.
    pub lasting: Truth,
    /// By what lasts and is the same on every later day.
    pub forever: Truth,
}

impl Value {
    /// An answer that may change.
    pub fn passing(now: Brief) -> Value {
        Value { now, lasting: Truth::Open, forever: Truth::Open }
    }

    fn not(self) -> Value {
        Value { now: self.now.not(), lasting: self.lasting.not(), forever: self.forever.not() }
    }

    fn all(parts: &[Value]) -> Value {
        Value {
            now: Brief::all(parts.iter().map(|part| part.now)),
            lasting: Truth::all(parts.iter().map(|part| part.lasting)),
            forever: Truth::all(parts.iter().map(|part| part.forever)),
        }
    }

    fn any(parts: &[Value]) -> Value {
        Value {
            now: Brief::any(parts.iter().map(|part| part.now)),
            lasting: Truth::any(parts.iter().map(|part| part.lasting)),
            forever: Truth::any(parts.iter().map(|part| part.forever)),
        }
    }

    fn at_least(n: usize, parts: &[Value]) -> Value {
        Value {
            now: Brief::at_least(n, parts.iter().map(|part| part.now)),
            lasting: Truth::at_least(n, parts.iter().map(|part| part.lasting)),
            forever: Truth::at_least(n, parts.iter().map(|part| part.forever)),
        }
    }
}

/// Runs a demand; `stack` is room that is used again.
pub(super) fn run(ops: &[Op], stack: &mut Vec<Value>, mut answer: impl FnMut(AskId) -> Value) -> Value {
    stack.clear();
    for op in ops {
        match *op {
            Op::Ask(ask) => stack.push(answer(ask)),
            Op::Is(brief) => stack.push(Value::passing(brief)),
            Op::Not => {
                if let Some(top) = stack.last_mut() {
                    *top = top.not();
                }
            }
            Op::All(n) => join(stack, n, Value::all),
            Op::Any(n) => join(stack, n, Value::any),
            Op::AtLeast(k, n) => join(stack, n, |parts| Value::at_least(k as usize, parts)),
        }
    }
    // Every row of steps leaves one value; of none, nothing is asked.
    stack.pop().unwrap_or_else(|| Value::all(&[]))
}

fn join(stack: &mut Vec<Value>, n: u32, of: impl Fn(&[Value]) -> Value) {
    let from = stack.len().saturating_sub(n as usize);
    let value = of(&stack[from..]);
    stack.truncate(from);
    stack.push(value);
}
