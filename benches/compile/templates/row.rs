
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row_N {
    pub id: u64,
    pub name: String,
    pub kind: String,
    pub price: u64,
    pub tags: Vec<String>,
}

impl Row_N {
    pub fn read(line: &Line) -> Self {
        Self { id: line.number(0), name: line.text(1), kind: line.text(2), price: line.number(3), tags: vec![line.text(4)] }
    }
}
