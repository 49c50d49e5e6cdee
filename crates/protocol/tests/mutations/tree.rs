//! CBOR as a tree that can be bent: a reader and a writer that know nothing of our messages.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    Number(u64),
    /// -1 - n
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    Bool(bool),
    Null,
}

impl Tree {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut decoder = Decoder::new(bytes);
        let tree = Self::next(&mut decoder);
        assert_eq!(decoder.position(), bytes.len());
        tree
    }

    fn next(d: &mut Decoder<'_>) -> Self {
        let count = |length: Option<u64>| usize::try_from(length.expect("definite")).expect("short");
        match d.datatype().expect("well-formed") {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Self::Number(d.u64().expect("a number")),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                Self::Negative(u64::try_from(-1 - d.i64().expect("a number")).expect("negative"))
            }
            Type::Bytes => Self::Bytes(d.bytes().expect("bytes").to_vec()),
            Type::String => Self::Text(d.str().expect("text").to_owned()),
            Type::Array => {
                let length = count(d.array().expect("a list"));
                Self::List((0..length).map(|_| Self::next(d)).collect())
            }
            Type::Map => {
                let length = count(d.map().expect("a map"));
                Self::Map((0..length).map(|_| (Self::next(d), Self::next(d))).collect())
            }
            Type::Bool => Self::Bool(d.bool().expect("a bool")),
            Type::Null => {
                d.null().expect("null");
                Self::Null
            }
            other => panic!("no message contains {other}"),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        self.put(&mut encoder);
        encoder.into_writer()
    }

    fn put(&self, e: &mut Encoder<Vec<u8>>) {
        match self {
            Self::Number(n) => e.u64(*n).map(drop),
            Self::Negative(n) => e.i64(-1 - i64::try_from(*n).expect("small")).map(drop),
            Self::Bytes(bytes) => e.bytes(bytes).map(drop),
            Self::Text(text) => e.str(text).map(drop),
            Self::Bool(bool) => e.bool(*bool).map(drop),
            Self::Null => e.null().map(drop),
            Self::List(list) => {
                e.array(list.len() as u64).expect("memory");
                for one in list {
                    one.put(e);
                }
                Ok(())
            }
            Self::Map(map) => {
                e.map(map.len() as u64).expect("memory");
                for (key, value) in map {
                    key.put(e);
                    value.put(e);
                }
                Ok(())
            }
        }
        .expect("memory");
    }

    /// Every way to bend one place of this tree, with the name of place and way.
    pub(crate) fn bent(&self) -> Vec<(String, Self)> {
        let mut all: Vec<_> = self.here().into_iter().map(|(way, tree)| (format!(" {way}"), tree)).collect();
        let mut below = |name: String, child: &Self, put: &dyn Fn(Self) -> Self| {
            all.extend(child.bent().into_iter().map(|(way, tree)| (format!("/{name}{way}"), put(tree))));
        };
        match self {
            Self::List(list) => {
                for (at, child) in list.iter().enumerate() {
                    below(at.to_string(), child, &|tree| Self::List(with(list, at, tree)));
                }
            }
            Self::Map(map) => {
                for (at, (key, child)) in map.iter().enumerate() {
                    let name = match key {
                        Self::Number(n) => n.to_string(),
                        Self::Negative(n) => format!("-{}", n + 1),
                        other => format!("{other:?}"),
                    };
                    below(name, child, &|tree| Self::Map(with(map, at, (key.clone(), tree))));
                }
            }
            Self::Number(_)
            | Self::Negative(_)
            | Self::Bytes(_)
            | Self::Text(_)
            | Self::Bool(_)
            | Self::Null => {}
        }
        all
    }

    fn here(&self) -> Vec<(&'static str, Self)> {
        let mut ways = match self {
            Self::Number(n) => vec![
                ("one more", Self::Number(n.wrapping_add(1))),
                ("one less", Self::Number(n.wrapping_sub(1))),
                ("a bit of its high half", Self::Number(n ^ (1 << 40))),
                ("the greatest", Self::Number(u64::MAX)),
            ],
            Self::Negative(n) => vec![("one less", Self::Negative(n + 1))],
            Self::Bytes(bytes) => {
                of_bytes(bytes).into_iter().map(|(way, bytes)| (way, Self::Bytes(bytes))).collect()
            }
            Self::Text(text) => vec![
                ("a letter more", Self::Text(format!("{text}x"))),
                ("another letter", Self::Text(format!("X{}", text.get(1..).unwrap_or("")))),
                ("nothing", Self::Text(String::new())),
            ],
            Self::Bool(bool) => vec![("the other", Self::Bool(!bool))],
            Self::Null => vec![("false", Self::Bool(false))],
            Self::List(list) => {
                of_list(list, &Self::Number(0)).into_iter().map(|(w, l)| (w, Self::List(l))).collect()
            }
            Self::Map(map) => {
                let unknown = (Self::Number(99), Self::Number(0));
                of_list(map, &unknown).into_iter().map(|(w, map)| (w, Self::Map(map))).collect()
            }
        };
        ways.extend([
            ("as a number", Self::Number(0)),
            ("as a negative number", Self::Negative(0)),
            ("as bytes", Self::Bytes(vec![])),
            ("as text", Self::Text(String::new())),
            ("as a list", Self::List(vec![])),
            ("as a map", Self::Map(vec![])),
            ("as true", Self::Bool(true)),
            ("as null", Self::Null),
            ("in a list", Self::List(vec![self.clone()])),
        ]);
        ways.retain(|(_, bent)| bent != self);
        ways
    }
}

fn with<T: Clone>(list: &[T], at: usize, one: T) -> Vec<T> {
    let mut list = list.to_vec();
    list[at] = one;
    list
}

fn of_bytes(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let flipped = |at: usize, bit: u8| {
        let mut bytes = bytes.to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= bit;
        }
        bytes
    };
    vec![
        ("first bit", flipped(0, 0x80)),
        ("last bit", flipped(bytes.len().saturating_sub(1), 1)),
        ("a byte more", [bytes, &[0]].concat()),
        ("a byte less", bytes[..bytes.len().saturating_sub(1)].to_vec()),
    ]
}

/// Of each element: left out, twice, after its neighbour; and one more.
fn of_list<T: Clone>(list: &[T], unknown: &T) -> Vec<(&'static str, Vec<T>)> {
    let mut ways = vec![("one more", [list, std::slice::from_ref(unknown)].concat())];
    for at in 0..list.len() {
        let mut removed = list.to_vec();
        removed.remove(at);
        ways.push(("without one", removed));
        let mut twice = list.to_vec();
        twice.insert(at, list[at].clone());
        ways.push(("one twice", twice));
        if at > 0 {
            let mut swapped = list.to_vec();
            swapped.swap(at - 1, at);
            ways.push(("in another order", swapped));
        }
    }
    ways
}
