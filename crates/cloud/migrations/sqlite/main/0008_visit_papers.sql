-- What the visitor and the door said to each other and the door log only names, sealed to one resident's key each.
CREATE TABLE visit_papers (
    tenant BLOB NOT NULL,
    home   BLOB NOT NULL,
    visit  BLOB NOT NULL,
    kid    BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant, home, visit, kid)
);
