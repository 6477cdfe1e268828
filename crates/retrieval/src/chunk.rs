//! Where does one passage end and the next begin?
