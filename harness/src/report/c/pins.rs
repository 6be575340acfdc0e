//! Pins: pipes that hold a page by reference, and what the kernel pins for transfers.

use mapspec_model::op::{
    Actor, Address, Argument, Cells, Name, Op, PinAccess, PinFlags, PinName, Remote,
};
use mapspec_model::world::Hold;

use super::expression::Expression;
use super::value::{bytes, place, process_id, variable};

/// By what a page is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A pipe.
    Pipe,
    /// A copy that waits half-way.
    Copy,
    /// A registered buffer of io_uring(7).
    Buffer,
    /// The kernel's own test of pins.
    Test,
}

impl Means {
    /// Those of the pin that an operation makes, if it makes one.
    pub fn made(op: &Op) -> Option<(PinName, Self)> {
        let hold = match *op {
            Op::Pin { access, flags, .. } if flags.contains(PinFlags::LONG_TERM) => {
                Hold::Lasting(access)
            }
            Op::Pin { access, .. } => Hold::Once(access),
            _ => Hold::Pipe,
        };
        op.arguments().find_map(|(field, argument)| match argument {
            Argument::Pin(pin) if field.name == "name" => Some((pin, Self::of(hold))),
            _ => None,
        })
    }

    /// Those of a pin that the model knows.
    pub const fn of(hold: Hold) -> Self {
        match hold {
            Hold::Pipe => Self::Pipe,
            Hold::Once(_) => Self::Copy,
            Hold::Lasting(PinAccess::ReadWrite) => Self::Buffer,
            Hold::Lasting(PinAccess::ReadOnly) => Self::Test,
        }
    }

    /// The variable of a pin, and its declaration.
    pub fn variable(self, letter: char) -> (String, String) {
        match self {
            Self::Pipe => (letter.to_string(), format!("static int {letter}[2] = {{ -1, -1 }};\n")),
            Self::Copy => {
                (format!("copy_{letter}"), format!("static struct copy *copy_{letter};\n"))
            }
            Self::Buffer => {
                (format!("buffer_{letter}"), format!("static struct buffer *buffer_{letter};\n"))
            }
            Self::Test => ("gup_test".to_owned(), String::new()),
        }
    }

    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pipe, Self::Copy, Self::Buffer, Self::Test];

    fn named(self, pin: PinName) -> String {
        let letter = PinName::LETTERS.get(usize::from(pin.0)).copied().unwrap_or('p');
        self.variable(letter).0
    }

    /// What a child does with a pin that it has inherited, which is not its own.
    pub fn forget(self, pin: PinName) -> Option<String> {
        let variable = self.named(pin);
        match self {
            Self::Pipe => None,
            Self::Copy | Self::Buffer => Some(format!("{variable} = NULL;")),
            Self::Test => Some(format!("{variable} = -1;")),
        }
    }
}

pub fn make(function: &str, pin: PinName, file: Name, offset: Cells) -> Expression {
    let (pin, file, offset) = (Means::Pipe.named(pin), variable(file), bytes(offset));
    Expression::new(format!("{function}({pin}, {file}, {offset})"))
}

pub fn vmsplice(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("pin_by_vmsplice({}, {})", Means::Pipe.named(pin), place(at)))
}

pub fn write_pipe(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("write_pipe({}, {})", Means::Pipe.named(pin), place(at)))
}

pub fn read_pipe(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("read_pipe({}, {})", Means::Pipe.named(pin), place(at)))
}

pub fn pin(
    actor: Actor,
    pin: PinName,
    Remote { process, at }: Remote,
    access: PinAccess,
    means: Means,
) -> Expression {
    let (variable, process, at) = (means.named(pin), process_id(actor, process), place(at));
    Expression::new(match (means, access) {
        (Means::Copy, PinAccess::ReadWrite) => {
            format!("pin_to_write(&{variable}, {process}, {at})")
        }
        (Means::Copy | Means::Pipe, _) => format!("pin_to_read(&{variable}, {process}, {at})"),
        (Means::Buffer, _) => format!("register_buffer(&{variable}, {at})"),
        (Means::Test, _) => format!("pin_by_gup_test({at})"),
    })
}

pub fn read(pin: PinName, means: Means) -> Expression {
    let variable = means.named(pin);
    Expression::new(match means {
        Means::Pipe => format!("read_pin({variable})"),
        Means::Copy => format!("finish_reading(&{variable})"),
        Means::Buffer => format!("read_buffer(&{variable})"),
        Means::Test => "read_by_gup_test()".to_owned(),
    })
}

/// The end of a pipe that is read is not written, nor is what is pinned to be read.
pub fn write(pin: PinName, value: u8, means: Means) -> Result<Expression, &'static str> {
    let variable = means.named(pin);
    Ok(Expression::new(match means {
        Means::Pipe => format!("write({variable}[0], \"\", 1)"),
        Means::Copy => format!("finish_writing(&{variable}, {value})"),
        Means::Buffer => format!("write_buffer(&{variable}, {value})"),
        Means::Test => return Err("is nothing that gup_test does"),
    }))
}

pub fn unpin(pin: PinName, means: Means) -> Expression {
    let variable = means.named(pin);
    Expression::new(match means {
        Means::Pipe => format!("unpin({variable})"),
        Means::Copy => format!("cancel_copy(&{variable})"),
        Means::Buffer => format!("unregister_buffer(&{variable})"),
        Means::Test => "unpin_by_gup_test()".to_owned(),
    })
}
